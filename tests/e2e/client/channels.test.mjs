// An interpreter, a doctor and a citizen, by tone: who hears the interpreter's channel, and who hears nothing of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';
import { openClient, startApp } from './app/app.mjs';

const organisation = `name = "Tests"
[rooms_on_demand]
enabled = true
[[room]]
alias = "pins"
host_pin = "1234"
guests_without_pin = true
`;
const rig = useRig({ server: { organisation } });
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

test('who hears a channel hears the interpreter and the floor, who does not hears the floor alone, and back again', rig.test(async () => {
  const alias = room('channels');
  const doctor = await openClient(rig.browser, app, rig.server, alias);
  const citizen = await openClient(rig.browser, app, rig.server, alias);
  const interpreter = await openClient(rig.browser, app, rig.server, alias);
  assert.equal((await doctor.join({ displayName: 'Doctor', colour: 'red', hertz: 600 })).status, 200);
  assert.equal((await citizen.join({ displayName: 'Citizen', colour: 'blue', hertz: 1000 })).status, 200);
  assert.equal((await interpreter.join({ displayName: 'Tolk ar', colour: 'green', hertz: 1700 })).status, 200);
  const host = new Api(rig.server, alias);
  await host.join();
  const uuid = async (client) => (await client.me()).uuid;
  const set = async (client, channels) => {
    const answer = await host.post(`participants/${await uuid(client)}/channels`, channels);
    assert.equal(answer.code, 200, JSON.stringify(answer));
  };
  await doctor.hearsOnly([1000, 1700]);
  await citizen.hearsOnly([600, 1700]);

  await set(interpreter, { speaks_in: 'ar' });
  await doctor.hearsOnly([1000]);
  await citizen.hearsOnly([600]);
  await set(citizen, { hears: 'ar' });
  await citizen.hearsOnly([600, 1700]);
  await doctor.hearsOnly([1000]);
  await interpreter.hearsOnly([600, 1000]);
  // Under the interpreter, who is sent as loud as the doctor, the doctor is not gone and not as loud.
  await until(async () => {
    const [first, second] = (await citizen.tones()).filter((tone) => [600, 1700].includes(tone));
    return first === 1700 && second === 600;
  }, { what: 'the interpreter to be the louder one' });

  const roster = (await host.read('participants')).result;
  const channels = Object.fromEntries(roster.map((person) => [person.display_name, [person.speaks_in, person.hears]]));
  assert.deepEqual(channels.Citizen, [undefined, 'ar']);
  assert.deepEqual(channels['Tolk ar'], ['ar', undefined]);
  assert.deepEqual(channels.Doctor, [undefined, undefined]);

  await set(citizen, { hears: '' });
  await citizen.hearsOnly([600]);
  await set(interpreter, { speaks_in: '' });
  await doctor.hearsOnly([1000, 1700]);
  await citizen.hearsOnly([600, 1700]);
  for (const client of [doctor, citizen, interpreter]) await client.leave();
}));

test('a guest chooses what it hears, a host what somebody speaks in, and names are judged', rig.test(async () => {
  const host = new Api(rig.server, 'pins');
  const guest = new Api(rig.server, 'pins');
  await host.join({}, { pin: '1234' });
  await guest.join({}, { pin: 'none' });
  const seen = await host.events();
  assert.equal((await guest.me('channels', { hears: 'ar' })).code, 200);
  const told = await until(() => seen.of('participant_update').findLast((person) => person.uuid === guest.uuid && person.hears), { what: 'the roster' });
  assert.equal(told.hears, 'ar');
  assert.ok(!('speaks_in' in told));
  assert.equal((await guest.me('channels', { speaks_in: 'ar' })).code, 403);
  assert.equal((await guest.to(host, 'channels', { hears: 'ar' })).code, 403);
  assert.equal((await host.to(guest, 'channels', { speaks_in: 'pl', hears: '' })).code, 200);
  const wrong = await host.to(guest, 'channels', { speaks_in: 'Polsk' });
  assert.deepEqual([wrong.code, wrong.status], [400, 'failed']);
  assert.match(wrong.result, /small letters/);
  assert.equal((await host.to(guest, 'channels', { speaks_in: 7 })).code, 403);
  await until(() => { const last = seen.of('participant_update').findLast((person) => person.uuid === guest.uuid); return last.speaks_in === 'pl' && !('hears' in last); }, { what: 'the change' });
  seen.close();
}));
