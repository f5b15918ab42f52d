// A publisher without layers and a viewer on a 400 kbit/s line: the publisher is capped, and both stay fluent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { beforeAndAfter, until } from './harness/until.mjs';

const rig = useRig();
const second = 1000;

async function rate(stats, pick, duration) {
  const [a, b] = await beforeAndAfter(stats, duration);
  return (pick(b).bytes - pick(a).bytes) * 8 * 1000 / (b.at - a.at);
}

test('a one-encoding publisher is capped for a viewer on 400 kbit/s, and both stay fluent', rig.test(async (t) => {
  const alias = room('cap');
  const sender = await publish(rig.browser, rig.server, alias,
    { media: { width: 640, height: 360, fps: 10, content: 'texture', maxBitrate: 1200000 } });
  const viewer = await play(rig.browser, rig.server, alias, { network: ['both delay=10ms'] });
  const sent = (s) => s.sentVideo[0];
  await until(async () => (await rate(sender.stats, sent, 2 * second)) > 550000,
    { what: 'the publisher to send more than 550 kbit/s while the line is wide', timeout: 45 * second });

  await viewer.relay.command('down rate=400k queue=300ms');
  await until(async () => (await rate(sender.stats, sent, 2 * second)) < 420000,
    { what: 'the publisher to send less than 420 kbit/s', timeout: 30 * second });
  assert.ok(await rig.server.metric('viadux_publisher_caps_total') > 0, 'the cap is counted');

  // The queue of a line that narrows all at once takes some seconds to clear; fluent is what comes after that.
  const { video: settling } = await viewer.stats();
  await until(async () => (await viewer.stats()).video.frames >= settling.frames + 20, { what: 'the picture to settle', timeout: 30 * second });
  const [from, to] = await beforeAndAfter(viewer.stats, 10 * second);
  const frames = to.video.frames - from.video.frames;
  const frozen = to.video.frozen - from.video.frozen;
  const concealed = (to.audio.concealed - from.audio.concealed) / (to.audio.samples - from.audio.samples);
  t.diagnostic(`ten seconds at 400 kbit/s: ${frames} frames, ${frozen.toFixed(1)} s frozen, ${(concealed * 100).toFixed(1)} % of the sound made up`);
  assert.ok(frames >= 60, `${frames} frames in ten seconds`);
  assert.ok(frozen < 2, `${frozen} s frozen`);
  assert.ok(concealed < 0.1, 'the sound is kept');
  const { sentVideo } = await sender.stats();
  assert.ok(sentVideo[0].frames > 0);

  await viewer.relay.command('down clear');
  await until(async () => (await rate(sender.stats, sent, 2 * second)) > 500000,
    { what: 'the publisher to send more than 500 kbit/s again', timeout: 45 * second });
  await viewer.leave();
  await sender.leave();
}));
