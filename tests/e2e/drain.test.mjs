// SIGTERM: the server stops taking meetings, lets calls finish or time out, and ends by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const rig = useRig({ server: { config: { control: { drain_timeout: '20s' } } } });

test('a stopping server is not ready, takes nobody new, and ends when the last has left', rig.test(async () => {
  const alias = room('drain');
  const sender = await publish(rig.browser, rig.server, alias);
  const viewer = await play(rig.browser, rig.server, alias);
  await until(async () => (await viewer.stats()).video?.frames >= 10, { what: 'the first frames', timeout: 20000 });

  rig.server.child.kill('SIGTERM');
  await until(async () => (await rig.server.get('/readyz')).status === 503, { what: '/readyz to say 503' });
  const late = await rig.server.get(`/whep/${alias}`, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: viewer.offer });
  assert.equal(late.status, 503, await late.text());

  const from = await viewer.stats();
  await until(async () => (await viewer.stats()).video.frames >= from.video.frames + 20, { what: 'running calls to go on' });
  assert.equal(rig.server.exited, undefined, 'it waits for them');

  const begun = Date.now();
  await viewer.leave();
  await sender.leave();
  rig.stopped = true;
  await rig.server.stop();
  assert.ok(Date.now() - begun < 10000, `it ended ${Date.now() - begun} ms after the last had left`);
}));
