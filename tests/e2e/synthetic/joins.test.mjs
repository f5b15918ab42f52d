// People come and go: each sees the picture without a hole, and the server is as small after them as before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { participants } from '../harness/participants.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';

const joins = process.env.VIADUX_LONG === '1' ? 1000 : 60;
const rig = useRig({ browser: false });

test(`${joins} viewers come and go`, rig.test(async (t) => {
  const warm = await participants(rig.server, 'joins', 40, '--stay', 1.5, '--lanes', 16);
  assert.deepEqual(warm.problems, []);
  const settled = rig.server.residentKb();
  const report = await participants(rig.server, 'joins', joins, '--stay', 2, '--lanes', 16, '--bitrate', 600000);
  t.diagnostic(JSON.stringify({ ...report.received, join_us: report.join_us, first_picture_us: report.first_picture_us, rss_kb: report.rss_kb }));
  assert.deepEqual(report.problems, []);
  assert.equal(report.received.holes, 0);
  await until(async () => (await rig.server.metric('viadux_media_sessions')) === 0, { what: 'all to be gone' });
  const after = rig.server.residentKb();
  t.diagnostic(`resident: ${settled} kB before, ${after} kB after ${joins} joins`);
  assert.ok(after < settled * 1.1 + 4000, `memory grew from ${settled} to ${after} kB`);
}));

test('viewers who publish, too, come and go', rig.test(async () => {
  const report = await participants(rig.server, 'joins', Math.min(joins, 200), '--talk', '--stay', 1, '--lanes', 8, '--bitrate', 300000);
  assert.deepEqual(report.problems, []);
  await until(async () => (await rig.server.metric('viadux_media_sessions')) === 0, { what: 'all to be gone' });
}));
