// What browsers show only now and then is shown here every time: layers, caps and repairs, with synthetic participants.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { participants } from '../harness/participants.mjs';
import { useRig } from '../harness/rig.mjs';

const rig = useRig({ browser: false });

test('with 5 % loss each missing packet is sent again', rig.test(async (t) => {
  const report = await participants(rig.server, 'fanout', 3, '--video-only', '--link', 'loss=5%', '--duration', 6, '--bitrate', 600000,
    '--drain', 1.5, '--tolerate', 0.001, '--room-prefix', 'loss-');
  t.diagnostic(JSON.stringify(report.received));
  assert.deepEqual(report.problems, []);
  assert.ok(report.received.rtx_recovered > 50);
}));

test('AES_CM_128_HMAC_SHA1_80 serves those who cannot do GCM', rig.test(async () => {
  const report = await participants(rig.server, 'fanout', 3, '--cm', '--duration', 2, '--room-prefix', 'cm-');
  assert.deepEqual(report.problems, []);
  assert.equal(report.profile, 'AES_CM_128_HMAC_SHA1_80');
}));

test('a viewer on 300 kbit/s gets a small layer of three', rig.test(async (t) => {
  const report = await participants(rig.server, 'fanout', 1, '--simulcast', '--link', 'rate=300k,queue=300ms,delay=10ms', '--bitrate', 2000000,
    '--duration', 12, '--warmup', 6, '--tolerate', 1, '--room-prefix', 'layers-');
  t.diagnostic(`lines seen each second: ${report.heights.join(' ')}`);
  assert.deepEqual(report.problems, []);
  assert.ok(report.heights.slice(-5).every((height) => height < 720), 'not the largest at the end');
}));

// The line is full from the first packet on. publisher_cap.test.mjs shows the same with a real browser.
test('a publisher without layers is told to send less', rig.test(async (t) => {
  const report = await participants(rig.server, 'fanout', 1, '--link', 'rate=400k,queue=300ms,delay=10ms', '--duration', 12, '--warmup', 6,
    '--tolerate', 1, '--room-prefix', 'cap-');
  t.diagnostic(`the publisher may send ${report.sent.publisher_bps} bit/s after ${report.sent.rembs_received} REMBs`);
  assert.deepEqual(report.problems, []);
  assert.ok(report.sent.rembs_received > 0);
  // Of 1.5 Mbit/s. The last REMB may be one that followed a probe (up to 520 kbit/s was seen), so this is not the line's
  // rate; that a picture stays fluent at it is asserted in publisher_cap.test.mjs.
  assert.ok(report.sent.publisher_bps < 750000);
}));
