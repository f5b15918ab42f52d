// Break-out rooms by unmodified clients: who sees and hears whom changes with the room, by colour and tone; and the API by
// hand, for its shapes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';
import { blue, green, openClient, red, startApp, yellow } from './app/app.mjs';

const organisation = `name = "Tests"
[[room]]
alias = "school"
name = "School"
host_pin = "1234"
guests_without_pin = true
[[room]]
alias = "shapes"
name = "Shapes"
host_pin = "1234"
guests_without_pin = true
[[room]]
alias = "slides"
host_pin = "1234"
guests_without_pin = true
[[room]]
alias = "timed"
host_pin = "1234"
guests_without_pin = true
`;
const rig = useRig({ server: { organisation } });
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

const named = (people) => people.map((p) => p.displayName).sort().join();
const inside = (people) => named(people.filter((p) => p.hasMedia));

test('four clients part and meet again, and nobody sees or hears the other room', rig.test(async () => {
  const open = () => openClient(rig.browser, app, rig.server, 'school');
  const [anna, bo, carl, dea] = [await open(), await open(), await open(), await open()];
  assert.equal((await anna.join({ displayName: 'Anna', pin: '1234', colour: 'red', hertz: 600 })).status, 200);
  for (const [client, displayName, colour, hertz] of [[bo, 'Bo', 'blue', 1000], [carl, 'Carl', 'green', 1700], [dea, 'Dea', 'yellow', 2400]]) {
    assert.equal((await client.join({ displayName, pin: 'none', colour, hertz })).status, 200);
    await client.settled();
  }
  await anna.hearsOnly([1000, 1700, 2400]);
  await bo.hearsOnly([600, 1700, 2400]);
  const uuid = async (name) => (await anna.people()).find((p) => p.displayName === name).uuid;

  // Bo and Carl go; nothing is negotiated, and they see each other.
  const { breakout_uuid: group } = await anna.call('breakout', { name: 'Group 1', description: 'Read page 3', duration: 600,
    end_action: 'transfer', participants: { main: [await uuid('Bo'), await uuid('Carl')] }, guests_allowed_to_leave: true });
  await bo.sees(green);
  await carl.sees(blue);
  await bo.hearsOnly([1700]);
  await carl.hearsOnly([1000]);
  await anna.sees(yellow);
  await anna.hearsOnly([2400]);
  await dea.hearsOnly([600]);
  await bo.knows((people) => named(people) === 'Bo,Carl', 'Bo to know of Carl alone');
  await dea.knows((people) => named(people) === 'Anna,Dea', 'Dea to know nothing of the other room');
  await anna.knows((people) => inside(people) === 'Anna,Dea', 'who is left');
  await anna.knows((people) => inside(people) === 'Bo,Carl', 'who is there', 30000, group);
  const status = await bo.status();
  assert.deepEqual([status.breakout, status.breakoutName, status.breakoutDescription, status.guestsAllowedToLeave],
    [true, 'Group 1', 'Read page 3', true]);
  assert.ok(status.endTime > Date.now() / 1000 + 500 && status.endTime < Date.now() / 1000 + 700);
  assert.deepEqual((await anna.rooms()), ['main', group]);

  // Words stay in their room; a host reads and writes in all of them.
  await bo.call('sendMessage', { payload: 'only here' });
  await until(async () => (await carl.happened('onMessage')).some((m) => m.message === 'only here'), { what: 'Carl to read it' });
  await until(async () => (await anna.happened('onMessage')).some((m) => m.message === 'only here' && m.roomId === group), { what: 'the host to read it, by its room' });
  await anna.call('sendConferenceRequest', { path: 'breakouts/message', method: 'POST', payload: { type: 'text/plain', payload: 'five minutes' } });
  await until(async () => (await bo.happened('onMessage')).some((m) => m.message === 'five minutes'), { what: 'the message to all rooms' });
  assert.ok((await dea.happened('onMessage')).length === 0, 'nothing of it in the main room');

  // The host looks in, and is back in time.
  await anna.settled();
  await anna.call('joinBreakoutRoom', { breakoutUuid: group });
  await anna.hearsOnly([1000, 1700]);
  await bo.hearsOnly([600, 1700]);
  await dea.hearsOnly([]);
  await bo.knows((people) => named(people) === 'Anna,Bo,Carl', 'Bo to know the host');
  await anna.knows((people) => inside(people) === 'Anna,Bo,Carl', 'the host to be there', 30000, group);
  await anna.knows((people) => inside(people) === 'Dea' && named(people) === 'Anna,Dea', 'the host itself without media in the main room');
  assert.equal((await anna.me()).displayName, 'Anna');

  await anna.call('closeBreakouts', {});
  await anna.hearsOnly([1000, 1700, 2400]);
  await bo.hearsOnly([600, 1700, 2400]);
  await dea.hearsOnly([600, 1000, 1700]);
  for (const client of [anna, bo, carl, dea]) await client.knows((people) => inside(people) === 'Anna,Bo,Carl,Dea', 'all to be back');
  assert.equal((await bo.status()).breakout, false);
  assert.equal(await anna.room(), 'main');
  assert.deepEqual(await anna.rooms(), ['main']);
  for (const client of [anna, bo, carl, dea]) assert.equal((await client.happened('onDisconnected')).length, 0);
  for (const client of [anna, bo, carl, dea]) await client.close();
}));

async function meeting(alias) {
  const [host, guest, other] = ['1234', 'none', 'none'].map((pin) => Object.assign(new Api(rig.server, alias), { pin }));
  for (const [each, name] of [[host, 'Host'], [guest, 'Guest'], [other, 'Other']]) {
    assert.equal((await each.join({ display_name: name, supports_direct_chat: false }, { pin: each.pin })).code, 200);
    each.stream = await each.events();
  }
  const event = (name, uuid) => host.stream.of('breakout_event').filter((e) => e.event === name && (!uuid || e.breakout_uuid === uuid)).map((e) => e.data);
  return { host, guest, other, event };
}

test('break-outs by hand: shapes, rights, moves, help, and their end', rig.test(async () => {
  const { host, guest, other, event } = await meeting('shapes');
  assert.equal((await host.read('conference_status')).result.breakout_rooms, true);
  assert.equal((await guest.post('breakouts', { name: 'No' })).code, 403, 'a guest makes none');
  assert.equal((await host.post('breakouts', {})).code, 400);
  const made = await host.post('breakouts', { name: 'One', participants: { main: [guest.uuid] } });
  const uuid = made.result.breakout_uuid;
  assert.match(uuid, /^[0-9a-f-]{36}$/);
  const begun = host.stream.of('breakout_begin');
  assert.deepEqual(begun, [{ breakout_uuid: uuid, participant_uuid: host.uuid }]);
  await until(() => event('participant_create', uuid).some((p) => p.uuid === guest.uuid), { what: 'the guest to be there' });
  const [shadow] = event('participant_create', uuid);
  assert.deepEqual([shadow.uuid, shadow.has_media, shadow.is_conjoined, shadow.role], [host.uuid, false, true, 'chair']);
  const state = event('conference_update', uuid).at(-1);
  assert.deepEqual([state.breakout, state.breakout_name, state.end_action, state.breakout_rooms, state.breakoutbuzz],
    [true, 'One', 'transfer', false, { time: 0, value: false }]);
  assert.ok(!('end_time' in state), 'as long as the meeting');
  await until(() => host.stream.of('participant_delete').some((p) => p.uuid === guest.uuid), { what: 'the guest to be out of the main room' });
  await until(() => guest.stream.of('conference_update').at(-1).breakout, { what: 'the guest to be told where it is' });
  assert.equal(guest.stream.of('breakout_begin').length, 0, 'a guest knows one room');
  assert.deepEqual((await guest.read('participants')).result.map((p) => p.uuid), [guest.uuid]);
  assert.equal((await other.read(`breakouts/${uuid}/participants`)).code, 403, 'nor does one look into another');

  // A call for help, which the host clears.
  assert.equal((await guest.post('breakoutbuzz')).result, true);
  await until(() => event('conference_update', uuid).at(-1).breakoutbuzz.value === true, { what: 'the call for help' });
  assert.equal((await host.post(`breakouts/${uuid}/clearbreakoutbuzz`)).result, true);
  await until(() => event('conference_update', uuid).at(-1).breakoutbuzz.value === false, { what: 'the end of it' });
  assert.equal((await other.post('breakoutbuzz')).code, 403, 'not from the main room');

  // A host steers what it is not in: mute, hand, words, lock.
  assert.equal((await guest.me('buzz')).result, true);
  await until(() => event('participant_update', uuid).some((p) => p.uuid === guest.uuid && p.buzz_time > 1e9), { what: 'the hand' });
  assert.equal((await host.post(`breakouts/${uuid}/participants/${guest.uuid}/mute`)).result, true);
  assert.equal((await host.post(`breakouts/${uuid}/clearallbuzz`)).result, true);
  await until(() => { const p = event('participant_update', uuid).at(-1); return p.is_muted === 'YES' && p.buzz_time === 0; }, { what: 'the mute' });
  assert.equal((await host.post(`breakouts/${uuid}/message`, { payload: 'hello one' })).result, true);
  await until(() => guest.stream.of('message_received').some((m) => m.payload === 'hello one'), { what: 'the message' });
  assert.equal(other.stream.of('message_received').length, 0);
  await host.post(`breakouts/${uuid}/lock`);
  await until(() => event('conference_update', uuid).at(-1).locked, { what: 'the lock' });
  assert.equal(host.stream.of('conference_update').at(-1).locked, false, 'the main room is open');

  // There and back, by itself, by the host, and all at once.
  assert.equal((await host.post('participants/breakout', { breakout_uuid: uuid, participants: [other.uuid] })).result, true);
  await until(() => event('participant_create', uuid).some((p) => p.uuid === other.uuid), { what: 'the other to be there' });
  assert.equal((await other.post('leavebreakout')).result, true);
  await until(() => other.stream.of('conference_update').at(-1).breakout === undefined, { what: 'to be back' });
  assert.equal((await host.post(`breakouts/${uuid}/participants/breakout`, { breakout_uuid: 'main', participants: [guest.uuid] })).result, true);
  assert.equal((await host.post('participants/breakout', { breakout_uuid: uuid, participants: [guest.uuid, other.uuid] })).result, true);
  assert.equal((await host.post('breakouts/empty')).result, true);
  assert.deepEqual((await guest.read('participants')).result.length, 3);
  assert.equal((await host.post('participants/breakout', { breakout_uuid: 'nowhere', participants: [] })).code, 403);

  // A host is asked to go, since its client goes by calling there.
  const second = Object.assign(new Api(rig.server, 'shapes'), {});
  await second.join({ display_name: 'Second', supports_direct_chat: false }, { pin: '1234' });
  second.stream = await second.events();
  await until(() => second.stream.of('breakout_begin').length === 1, { what: 'what runs already' });
  assert.equal((await host.post('participants/breakout', { breakout_uuid: uuid, participants: [second.uuid] })).result, true);
  await until(() => second.stream.of('breakout_refer').length, { what: 'to be asked' });
  assert.deepEqual(second.stream.of('breakout_refer')[0], { breakout_uuid: uuid, breakout_name: 'One', requester_uuid: host.uuid });

  // An invitation: in, as a guest, without a PIN, once, and into that room.
  const ticket = (await host.post(`breakouts/${uuid}/request_guest_token`)).result;
  const invited = new Api(rig.server, 'shapes');
  assert.equal((await invited.join({ display_name: 'Invited', token: ticket })).result.role, 'GUEST');
  assert.equal((await invited.read('conference_status')).result.breakout_name, 'One');
  assert.equal((await new Api(rig.server, 'shapes').join({ token: ticket })).result, 'Invalid token');

  // The end of one, and of all.
  assert.equal((await host.post(`breakouts/${uuid}/disconnect`)).result, true);
  await until(() => host.stream.of('breakout_end').length, { what: 'its end' });
  assert.deepEqual(host.stream.of('breakout_end')[0], { breakout_uuid: uuid, participant_uuid: host.uuid });
  assert.equal((await invited.read('conference_status')).result.breakout, undefined, 'its people are back');
  await host.post('breakouts', { name: 'Two', participants: { main: [guest.uuid] } });
  const all = await host.post('breakouts/disconnect');
  assert.deepEqual([all.code, all.result], [200, null]);
  assert.equal((await guest.read('conference_status')).result.breakout, undefined);
  // Whoever missed an end is told when it asks for the room.
  const before = host.stream.of('breakout_end').length;
  assert.equal((await host.post(`breakouts/${uuid}/lock`)).code, 403);
  await until(() => host.stream.of('breakout_end').length === before + 1, { what: 'to be told' });
}));

test('who presents goes on presenting where it is moved to, and those it leaves are told', rig.test(async () => {
  const { host, guest, other, event } = await meeting('slides');
  assert.equal((await guest.me('take_floor')).code, 200);
  await until(() => other.stream.of('presentation_start').length, { what: 'the presentation' });
  const uuid = (await host.post('breakouts', { name: 'Both', participants: { main: [guest.uuid] } })).result.breakout_uuid;
  await until(() => other.stream.of('presentation_stop').length, { what: 'its end in the main room' });
  await until(() => event('presentation_start', uuid).some((p) => p.presenter_uuid === guest.uuid), { what: 'it in the other room' });
  await host.post('participants/breakout', { breakout_uuid: uuid, participants: [other.uuid] });
  await until(() => other.stream.of('presentation_start').length === 2, { what: 'who comes to be told' });
  assert.equal(guest.stream.of('presentation_start').length, 0, 'the presenter never');
  for (const each of [guest, other, host]) await each.post('release_token');
}));

test('a break-out ends by its time, and who may not leave it stays until then', rig.test(async () => {
  const { host, guest } = await meeting('timed');
  await host.post('breakouts', { name: 'Short', duration: 3, guests_allowed_to_leave: false, participants: { main: [guest.uuid] } });
  await until(() => guest.stream.of('conference_update').at(-1).breakout, { what: 'to be there' });
  const state = guest.stream.of('conference_update').at(-1);
  assert.ok(Math.abs(state.end_time - Date.now() / 1000 - 3) < 2, 'in three seconds');
  assert.equal((await guest.post('leavebreakout')).code, 403);
  await until(() => host.stream.of('breakout_end').length, { what: 'its end', timeout: 8000 });
  await until(() => guest.stream.of('conference_update').at(-1).breakout === undefined, { what: 'to be back' });
}));
