// A hundred participants in one room: everybody is told of everybody, and chat reaches all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { load } from './load.mjs';

const rig = useRig({ browser: false });

test('a hundred join, know each other, read one message, and are gone', rig.test(async () => {
  const { report, people, leave } = await load(rig.server, room('hundred'), 100);
  console.log(`# ${JSON.stringify(report)}`);
  assert.equal(await rig.server.metric('viadux_client_participants'), 100);
  await people[1].me('buzz');
  await until(() => people.every((p) => p.stream.of('participant_update').some((u) => u.uuid === people[1].uuid && u.buzz_time > 0)),
    { what: 'everybody to see the hand', timeout: 20000 });
  await leave();
  await until(async () => (await rig.server.metric('viadux_client_participants')) === 0, { what: 'all to be gone' });
}));
