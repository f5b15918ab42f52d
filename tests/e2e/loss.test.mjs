// Five in a hundred packets are lost on the way to the viewer: the picture still flows, by retransmission.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const rig = useRig();
const second = 1000;

test('with 5 % loss towards the viewer the picture flows and NACK and RTX counters move', rig.test(async () => {
  const alias = room('loss');
  const sender = await publish(rig.browser, rig.server, alias);
  const viewer = await play(rig.browser, rig.server, alias, { network: ['down loss=5% delay=20ms', 'up delay=20ms'] });
  await until(async () => (await viewer.stats()).video?.frames >= 10, { what: 'the first frames', timeout: 20 * second });

  const from = await viewer.stats();
  const to = await until(async () => {
    const s = await viewer.stats();
    return s.at - from.at > 10 * second && s;
  }, { what: 'ten seconds of picture', timeout: 15 * second });
  const frames = to.video.frames - from.video.frames;
  assert.ok(frames >= 80, `${frames} frames in ten seconds at 10 a second`);
  assert.ok(to.video.frozen - from.video.frozen < 1, `${to.video.frozen - from.video.frozen} s frozen`);
  assert.ok(to.video.nacks > 0, 'the viewer asked again');
  assert.ok(to.video.retransmitted > 0, 'and got retransmissions');
  assert.ok(await rig.server.metric('viadux_rtp_nacks_total', 'direction="in"') > 0, 'we count its NACKs');
  assert.ok(await rig.server.metric('viadux_rtp_retransmissions_total', 'direction="out"') > 0, 'and what we sent again');
  const { down } = await viewer.relay.command('stats');
  assert.ok(down.lost / down.offered > 0.02, 'the relay did lose packets');
  await viewer.leave();
  await sender.leave();
}));

test('with 5 % loss from the publisher the server asks again and the viewer loses nothing', rig.test(async () => {
  const alias = room('uplink');
  const sender = await publish(rig.browser, rig.server, alias, { network: ['up loss=5% delay=20ms', 'down delay=20ms'] });
  const viewer = await play(rig.browser, rig.server, alias);
  await until(async () => (await viewer.stats()).video?.frames >= 80, { what: '80 decoded frames', timeout: 25 * second });
  await until(() => rig.server.metric('viadux_rtp_nacks_total', 'direction="out"'), { what: 'our NACKs' });
  await until(() => rig.server.metric('viadux_rtp_recovered_total'), { what: 'packets that came by retransmission' });
  const { video } = await viewer.stats();
  assert.ok(video.frozen < 2, `${video.frozen} s frozen`);
  await viewer.leave();
  await sender.leave();
}));
