// The first meeting: one page publishes its camera and microphone by WHIP, another plays them by WHEP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const rig = useRig();

test('a published camera and microphone are seen and heard at the far side', rig.test(async () => {
  const alias = room('first');
  const sender = await publish(rig.browser, rig.server, alias);
  const viewer = await play(rig.browser, rig.server, alias);
  assert.ok(sender.participant, 'the answer names the participant');

  const stats = await until(async () => {
    const s = await viewer.stats();
    return s.video?.frames >= 30 && s.audio?.energy > 0.001 && s;
  }, { what: '30 decoded frames and audio energy', timeout: 20000 });
  assert.match(stats.codec, /VP8/i);
  assert.equal(stats.video.height, 180);
  assert.equal(stats.video.lost, 0, 'nothing is lost on loopback');

  // The picture goes on: at 10 frames a second, with no freeze.
  const later = await until(async () => {
    const s = await viewer.stats();
    return s.video.frames >= stats.video.frames + 30 && s;
  }, { what: '30 frames more', timeout: 10000 });
  assert.equal(later.video.freezes, stats.video.freezes, 'the picture has not frozen');
  assert.ok(await rig.server.metric('viadux_rtp_packets_total', 'direction="out"') > 0);

  // Sound in the quantity of real time: what is concealed was missing.
  const heard = later.audio.samples - stats.audio.samples;
  const concealed = later.audio.concealed - stats.audio.concealed;
  assert.ok(concealed < heard * 0.05, `${concealed} of ${heard} samples were made up`);

  assert.equal(await viewer.leave(), 200);
  assert.equal(await sender.leave(), 200);
  await until(async () => (await rig.server.metric('viadux_media_sessions')) === 0, { what: 'all sessions to be gone' });
}));

test('a viewer that comes first sees the publisher who comes later', rig.test(async () => {
  const alias = room('early');
  const viewer = await play(rig.browser, rig.server, alias);
  const sender = await publish(rig.browser, rig.server, alias);
  await until(async () => (await viewer.stats()).video?.frames >= 10, { what: '10 decoded frames', timeout: 20000 });
  await viewer.leave();
  await sender.leave();
}));

test('two publishers watch each other, and nobody sees themselves', rig.test(async () => {
  const alias = room('pair');
  const anna = await publish(rig.browser, rig.server, alias, { media: { width: 320, height: 180 } });
  const bo = await publish(rig.browser, rig.server, alias, { media: { width: 160, height: 120 } });
  const annas = await play(rig.browser, rig.server, alias, { except: anna.participant });
  const bos = await play(rig.browser, rig.server, alias, { except: bo.participant });
  const height = (viewer) => until(async () => {
    const { video } = await viewer.stats();
    return video?.frames >= 10 && video.height;
  }, { what: '10 decoded frames', timeout: 20000 });
  assert.equal(await height(annas), 120, 'Anna sees Bo');
  assert.equal(await height(bos), 180, 'Bo sees Anna');
  for (const each of [annas, bos, anna, bo]) await each.leave();
}));
