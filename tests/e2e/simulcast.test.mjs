// Two layers and a viewer whose line gets narrow, then wide again: the layer goes down and comes up, the picture stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const rig = useRig();
const second = 1000;

test('a throttled viewer of a simulcast publisher gets a smaller layer, and the large one again later', rig.test(async (t) => {
  const alias = room('layers');
  const sender = await publish(rig.browser, rig.server, alias,
    { media: { width: 640, height: 360, fps: 10, simulcast: true, content: 'texture' } });
  const layers = await until(async () => {
    const { sentVideo } = await sender.stats();
    return sentVideo.filter((layer) => layer.frames > 0).length === 2 && sentVideo;
  }, { what: 'the browser to send two layers', timeout: 30 * second });
  assert.deepEqual(layers.map((layer) => layer.rid).sort(), ['h', 'l']);

  const viewer = await play(rig.browser, rig.server, alias, { network: ['both delay=10ms'] });
  const height = async () => (await viewer.stats()).video?.height;
  await until(async () => (await height()) === 360, { what: 'the large layer (360 lines)', timeout: 30 * second });

  await viewer.relay.command('down rate=350k queue=300ms');
  const low = await until(async () => {
    const h = await height();
    return h < 360 && h;
  }, { what: 'a smaller layer at 350 kbit/s', timeout: 30 * second });
  t.diagnostic(`at 350 kbit/s: ${low} lines`);
  const { video: narrow } = await viewer.stats();
  await until(async () => (await viewer.stats()).video.frames >= narrow.frames + 30, { what: '30 frames at the low rate', timeout: 15 * second });

  await viewer.relay.command('down clear');
  await until(async () => (await height()) === 360, { what: 'the large layer again', timeout: 45 * second });
  const { video: wide } = await viewer.stats();
  await until(async () => (await viewer.stats()).video.frames >= wide.frames + 20, { what: '20 frames more' });
  await viewer.leave();
  await sender.leave();
}));
