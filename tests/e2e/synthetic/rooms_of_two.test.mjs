// Many small meetings at a time: nothing is lost, and memory comes back when they leave.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { participants } from '../harness/participants.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';

const long = process.env.VIADUX_LONG === '1';
const [rooms, seconds] = long ? [200, 60] : [20, 10];
// 200 rooms of two are 400 senders; at this rate two cores carry server and participants.
const bitrate = long ? 150000 : 600000;
const rig = useRig({ browser: false });

test(`${rooms} rooms of two for ${seconds} seconds lose nothing`, rig.test(async (t) => {
  // Once to fill pools and caches; what is kept after that must not grow.
  const run = (...more) => participants(rig.server, 'pairs', rooms, '--bitrate', bitrate, '--paced', ...more);
  const first = await run('--duration', long ? 10 : 3, '--first-room', 1);
  assert.deepEqual(first.problems, []);
  await until(async () => (await rig.server.metric('viadux_media_sessions')) === 0, { what: 'all to be gone' });
  const settled = rig.server.residentKb();

  const report = await run('--duration', seconds, '--first-room', 10001);
  t.diagnostic(JSON.stringify({ ...report.received, delay_us: report.delay_us, rss_kb: report.rss_kb }));
  assert.deepEqual(report.problems, []);
  assert.equal(report.received.missing, 0);
  assert.ok(report.received.expected > rooms * 2 * seconds * 50, 'sound alone is 50 packets a second');
  await until(async () => (await rig.server.metric('viadux_media_sessions')) === 0, { what: 'all to be gone' });
  const after = rig.server.residentKb();
  t.diagnostic(`resident: ${settled} kB after the first time, ${after} kB after the second`);
  assert.ok(after < settled * 1.1 + 4000, `memory grew from ${settled} to ${after} kB`);
}));
