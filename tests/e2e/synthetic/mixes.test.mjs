// People come and go who can take only one picture and one sound, in one layout after another.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { publish } from '../harness/browser.mjs';
import { participants } from '../harness/participants.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';

// A shared machine may take a second to decode and encode anything: few stay longer there.
const [joins, stay] = process.env.VIADUX_LONG === '1' ? [1000, 1.5] : [40, 5];
const rig = useRig();
const queries = ['1:7', '2x2', 'equal', '1:0'].map((layout) => `audio=auto&video=auto&layout=${layout}`).join(',');
const visit = (count) => participants(rig.server, 'joins', count, '--queries', queries, '--stay', stay, '--lanes', 4, '--bitrate', 200000);
const threads = () => Number(/^Threads:\s*(\d+)/m.exec(readFileSync(`/proc/${rig.server.pid}/status`, 'utf8'))[1]);

test(`${joins} viewers of composed pictures come and go`, rig.test(async (t) => {
  const senders = [];
  for (let i = 0; i < 2; i++)
    senders.push(await publish(rig.browser, rig.server, 'bench-1', { media: { width: 320, height: 180, fps: 10 } }));
  assert.deepEqual((await visit(24)).problems, []);
  const [settled, before] = [rig.server.residentKb(), threads()];
  const report = await visit(joins);
  assert.deepEqual(report.problems, []);
  assert.ok(await rig.server.metric('viadux_mixer_pictures_composed_total') > 0);
  await until(async () => (await rig.server.metric('viadux_mixer_pictures_encoders')) === 0, { what: 'nothing to be encoded any more', timeout: 20000 });
  const after = rig.server.residentKb();
  t.diagnostic(`resident: ${settled} kB before, ${after} kB after ${joins} joins; threads ${before}, ${threads()}`);
  assert.equal(threads(), before, 'no thread is left over');
  assert.ok(after < settled * 1.1 + 4000, `memory grew from ${settled} to ${after} kB`);
  for (const sender of senders) await sender.leave();
}));
