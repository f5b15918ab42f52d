// The API by hand: shapes that clients check, rights, refusals, and what an event stream says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';

const organisation = `name = "Tests"
[rooms_on_demand]
enabled = true
max = 5000
[[room]]
alias = "pins"
host_pin = "1234"
guest_pin = "5678"
[[room]]
alias = "open"
host_pin = "1234"
guests_without_pin = true
[[room]]
alias = "waits"
host_pin = "1234"
guests_without_pin = true
wait_for_host = true
[[room]]
alias = "hosts-show"
host_pin = "1234"
guests_without_pin = true
guests_can_present = false
`;
const rig = useRig({ browser: false, server: { organisation } });
const api = (alias) => new Api(rig.server, alias);
const until_ = (check, what) => until(check, { what });

test('a token has every member that the clients check, in its type', rig.test(async () => {
  const anna = api(room('shape'));
  const answer = await anna.join({ display_name: 'Anna', call_tag: 'tag' });
  assert.equal(answer.type, 'application/json', 'exactly: no charset');
  assert.equal(answer.status, 'success');
  const r = answer.result;
  assert.equal(r.expires, '120');
  assert.equal(r.role, 'HOST');
  assert.deepEqual(r.version, { version_id: '38', pseudo_version: '38.0.0' });
  assert.equal(r.current_service_type, 'conference');
  assert.equal(r.chat_enabled, true);
  assert.equal(r.direct_media, false);
  assert.ok(!('stun' in r) && !('pex_datachannel_id' in r));
  assert.match(r.token, /^[\w-]+$/, 'nothing that a URL would change');
  assert.match(r.participant_uuid, /^[0-9a-f-]{36}$/);

  const refreshed = await anna.post('refresh_token');
  assert.equal(refreshed.result.expires, '120');
  assert.notEqual(refreshed.result.token, anna.token);
  assert.equal((await anna.read('conference_status')).code, 200, 'the old token is good until it expires');
  assert.equal((await rig.server.get(`${anna.base}/theme/`, { headers: { token: anna.token } })).status, 204);
  const [me] = (await anna.read('participants')).result;
  assert.equal(me.uuid, anna.uuid);
  assert.equal(me.call_tag, 'tag');
  assert.match(String(me.start_time), /^\d+\.\d+$/);
  for (const [name, value] of Object.entries(me)) assert.notEqual(value, null, `${name} is null`);
  const avatar = await anna.read(`participants/${anna.uuid}/avatar.jpg`);
  assert.deepEqual([avatar.code, avatar.status, avatar.result], [404, 'failed', 'No image available']);

  // By beacon: the token in the query, and a body.
  const left = await rig.server.get(`${anna.base}/release_token?token=${anna.token}`, { method: 'POST', body: '{"reason":"Browser closed"}' });
  assert.deepEqual(await left.json(), { status: 'success', result: true });
  assert.equal((await anna.post('release_token')).code, 200, 'once more is no failure');
  assert.equal((await anna.post('refresh_token')).code, 401, 'not 403, which would be asked for again without a pause');
  assert.equal((await anna.post('lock')).code, 403);
  assert.equal((await anna.events()).code, 401);
}));

test('PINs are asked for in the shapes that clients know', rig.test(async () => {
  const ask = await api('pins').join();
  assert.deepEqual([ask.code, ask.status, ask.result], [403, 'success',
    { pin: 'required', guest_pin: 'required', version: { version_id: '38', pseudo_version: '38.0.0' } }]);
  const host = await api('open').join();
  assert.deepEqual([host.code, host.result.pin, host.result.guest_pin], [403, 'required', 'none']);
  assert.equal((await api('open').join({}, { pin: 'none' })).result.role, 'GUEST');
  assert.equal((await api('open').join({}, { pin: '1234' })).result.role, 'HOST');
  assert.equal((await api('pins').join({}, { pin: '5678' })).result.role, 'GUEST');
  const wrong = await api('pins').join({}, { pin: '9999' });
  assert.deepEqual([wrong.code, wrong.status, wrong.result], [403, 'failed', 'Invalid PIN']);
}));

test('a stranger learns nothing, and a refusal reads well', rig.test(async () => {
  const unknown = await new Api(rig.server, 'no such room!').join();
  assert.deepEqual([unknown.code, unknown.status, unknown.result], [404, 'failed', 'Neither conference nor gateway found']);

  const anna = api(room('forged'));
  await anna.join();
  const token = anna.token;
  for (const forged of ['', 'x', `${token}A`, token.slice(0, -4), `${token[0] === 'A' ? 'B' : 'A'}${token.slice(1)}`]) {
    anna.token = forged;
    assert.deepEqual([(await anna.post('refresh_token')).code, (await anna.post('lock')).code], [401, 403], `a token of ${forged.length} letters`);
  }
  anna.token = token;
  const elsewhere = new Api(rig.server, room('elsewhere'));
  elsewhere.token = token;
  assert.equal((await elsewhere.post('lock')).code, 403, 'a token is of one room');
  for (const body of ['nonsense', '[]', '{"sdp":7}', '{"sdp":"v=0"}', '{"call_type":"H323","sdp":""}']) {
    const answer = await anna.me('calls', body);
    assert.ok(answer.code === 400 || answer.code === 403, `${body}: ${answer.code}`);
    assert.equal(typeof answer.result, 'string');
  }
  assert.equal((await anna.post('no_such_thing')).code, 404);
}));

test('a stream begins with all there is, and tells chat, hands, mutes and leaving', rig.test(async () => {
  const alias = room('stream');
  const [anna, bo] = [api(alias), api(alias)];
  await anna.join({ display_name: 'Anna' });
  await bo.join({ display_name: 'Bo' });
  const seen = await anna.events();
  assert.equal(seen.type, 'text/event-stream');
  await until_(() => seen.of('stage').length, 'the first state');
  assert.deepEqual(seen.seen.slice(0, 7).map((e) => e.event), ['participant_sync_begin', 'participant_create', 'participant_create',
    'participant_sync_end', 'conference_update', 'layout', 'stage']);
  assert.ok(!seen.text.includes('data: \n'), 'no event without data');

  assert.equal((await bo.post('message', { type: 'text/plain', payload: 'hej' })).result, true);
  await bo.me('buzz');
  await bo.me('client_mute');
  await anna.to(bo, 'mute');
  const last = () => seen.of('participant_update').filter((p) => p.uuid === bo.uuid).at(-1);
  await until_(() => last()?.is_muted === 'YES' && last(), 'Bo to be muted');
  assert.ok(last().buzz_time > 1e9 && last().is_client_muted === true);
  assert.deepEqual(seen.of('message_received')[0], { origin: 'Bo', uuid: bo.uuid, type: 'text/plain', payload: 'hej', direct: false });

  await anna.post('clearallbuzz');
  await anna.to(bo, 'unmute');
  await anna.to(bo, 'spotlighton');
  await until_(() => last()?.spotlight > 1e9 && last().buzz_time === 0 && last().is_muted === 'NO', 'the spotlight');
  await anna.post('lock');
  await until_(() => seen.of('conference_update').at(-1).locked === true, 'the lock');

  // One stream each: a second one takes the first one's place, and the first ends.
  const second = await anna.events();
  await until_(() => seen.ended && second.of('stage').length, 'the first stream to end');
  await anna.to(bo, 'disconnect');
  await until_(() => second.of('participant_delete').some((p) => p.uuid === bo.uuid), 'Bo to be gone');
  // Bo had no stream: why it is out is told to the next one, and its token is dead.
  const farewell = await bo.events();
  await until_(() => farewell.ended, 'the end of the stream');
  assert.deepEqual(farewell.of('disconnect'), [{ reason: 'Disconnected by another participant' }]);
  assert.equal((await bo.post('refresh_token')).code, 401);
}));

test('what happened while a stream was away is told to the next one, once', rig.test(async () => {
  const alias = room('missed');
  const [anna, bo] = [api(alias), api(alias)];
  await anna.join();
  await bo.join();
  await bo.post('message', { payload: 'one' });
  await bo.to(anna, 'message', { payload: 'two' });
  const first = await anna.events();
  await until_(() => first.of('message_received').length === 2, 'both messages');
  assert.deepEqual(first.of('message_received').map((m) => [m.payload, m.direct]), [['one', false], ['two', true]]);
  const second = await anna.events();
  await until_(() => second.of('stage').length, 'the state');
  assert.equal(second.of('message_received').length, 0);
}));

test('guests wait for a host, see only themselves, and come in', rig.test(async () => {
  const [guest, host] = [api('waits'), api('waits')];
  const answer = await guest.join({ display_name: 'Guest' }, { pin: 'none' });
  assert.deepEqual([answer.result.role, answer.result.current_service_type], ['GUEST', 'waiting_room']);
  const stream = await guest.events();
  await until_(() => stream.of('participant_create').length === 1, 'itself');
  assert.equal(stream.of('participant_create')[0].service_type, 'waiting_room');
  assert.equal((await guest.post('message', { payload: 'let me in' })).code, 403);
  assert.equal((await guest.me('take_floor')).code, 403, 'no floor in the lobby');
  assert.equal((await guest.me('calls', { call_type: 'WEBRTC', sdp: 'v=0', present: 'send' })).result, 'The participant has not been let in yet.');
  assert.equal((await guest.me('calls/0a1b2c3d-0000-4000-8000-000000000002/fecc', { action: 'start' })).result, 'You have not been let in yet');
  await host.join({ display_name: 'Host' }, { pin: '1234' });
  await until_(() => stream.of('participant_update').some((p) => p.uuid === guest.uuid && p.service_type === 'conference'), 'to be let in');
  await until_(() => stream.of('participant_create').some((p) => p.uuid === host.uuid), 'the host');

  // Knock on a locked door: hosts see who waits, other guests do not, and a host opens.
  await host.post('lock');
  const [late, hosts] = [api('waits'), await host.events()];
  assert.equal((await late.join({ display_name: 'Late' }, { pin: 'none' })).result.current_service_type, 'waiting_room');
  await until_(() => hosts.of('participant_create').some((p) => p.uuid === late.uuid && p.service_type === 'waiting_room'), 'the knock');
  assert.ok(!stream.of('participant_create').some((p) => p.uuid === late.uuid));
  assert.equal((await guest.to(late, 'unlock')).code, 403, 'a guest opens nothing');
  assert.equal((await host.to(late, 'unlock')).code, 200);
  await until_(() => stream.of('participant_create').some((p) => p.uuid === late.uuid), 'the guest to see who came in');

  // Roles: a new one is told by refresh_token, whose answer has it.
  assert.equal((await host.to(guest, 'role', { role: 'chair' })).code, 200);
  await until_(() => stream.of('refresh_token').length, 'to be told');
  assert.equal((await guest.post('refresh_token')).result.role, 'HOST');
  assert.equal((await guest.post('unlock')).code, 200);

  // All guests muted: the meeting says so, and each of them.
  await host.post('muteguests');
  await until_(() => hosts.of('conference_update').at(-1).guests_muted, 'the mute');
  await until_(() => hosts.of('participant_update').some((p) => p.uuid === late.uuid && p.is_muted === 'YES'), 'Late to be muted');
  await host.post('set_guests_can_unmute', { setting: false });
  assert.equal((await late.me('unmute')).code, 403);
  await until_(() => hosts.of('conference_update').at(-1).guests_can_unmute === false, 'the setting');
  await host.post('unmuteguests');
  await until_(() => hosts.of('participant_update').findLast((p) => p.uuid === late.uuid).is_muted === 'NO', 'Late to be heard');
  await host.to(late, 'mute');
  assert.equal((await late.me('unmute')).code, 403, "one guest's mute by a host holds as well");
  await host.to(late, 'unmute');
  await late.me('mute');
  assert.equal((await late.me('unmute')).code, 200, 'its own it may undo');

  // The end, for all.
  await host.post('disconnect');
  await until_(() => stream.of('disconnect').length && hosts.of('disconnect').length, 'the end');
  assert.equal(stream.of('disconnect')[0].reason, 'Conference terminated by another participant');
}));

test('a transfer takes its ticket once, and opens no more than its PIN does', rig.test(async () => {
  const alias = room('transfer');
  const [host, person] = [api(alias), api(alias)];
  await host.join();
  await person.join();
  const stream = await person.events();
  assert.equal((await host.to(person, 'transfer', { conference_alias: 'pins', role: 'guest', pin: '5678' })).code, 200);
  const [refer] = await until_(() => stream.of('refer').length && stream.of('refer'), 'the transfer');
  assert.equal(refer.alias, 'pins');
  assert.equal((await api('open').join({ token: refer.token })).result, 'Invalid token', 'another room');
  assert.equal((await api('pins').join({ token: refer.token })).result.role, 'GUEST');
  assert.equal((await api('pins').join({ token: refer.token })).result, 'Invalid token', 'a second time');
  await host.to(person, 'transfer', { conference_alias: 'pins', role: 'host' });
  const second = await until_(() => stream.of('refer')[1], 'the second');
  assert.equal((await api('pins').join({ token: second.token })).code, 403, 'no PIN, no way in');
}));

test('the floor goes to who takes it, and everybody else is told', rig.test(async () => {
  const alias = room('floor');
  const [anna, bo, cy] = [api(alias), api(alias), api(alias)];
  for (const each of [anna, bo, cy]) { await each.join(); each.stream = await each.events(); }
  assert.equal((await anna.me('take_floor')).result, null);
  await until_(() => bo.stream.of('presentation_start').length && cy.stream.of('presentation_start').length, 'the start');
  assert.equal(bo.stream.of('presentation_start')[0].presenter_uuid, anna.uuid);
  assert.equal(anna.stream.of('presentation_start').length, 0, 'not to the presenter, who would stop');
  await bo.me('take_floor');
  await until_(() => anna.stream.of('presentation_start').at(-1)?.presenter_uuid === bo.uuid, 'Anna to be told');
  await until_(() => cy.stream.of('participant_update').some((p) => p.uuid === bo.uuid && p.is_presenting === 'YES'), 'the roster');
  await anna.me('release_floor');
  await bo.me('release_floor');
  await until_(() => cy.stream.of('presentation_stop').length === 1, 'the stop');
}));

test('guests take no floor where hosts alone present', rig.test(async () => {
  const [guest, host] = [api('hosts-show'), api('hosts-show')];
  await guest.join({}, { pin: 'none' });
  await host.join({}, { pin: '1234' });
  assert.equal((await host.read('conference_status')).result.guests_can_present, false);
  assert.equal((await guest.me('take_floor')).code, 403);
  assert.equal((await host.me('take_floor')).code, 200);
  const stream = await guest.events();
  await until_(() => stream.of('presentation_start').length, 'the start');
  await host.post(`participants/${host.uuid}/disconnect`);
  await until_(() => stream.of('presentation_stop').length, 'the floor to go with its holder');
}));

test('a host decides who sees what is presented, each for itself where; all are told', rig.test(async () => {
  const host = api('open'), guest = api('open');
  await host.join({ display_name: 'Host' }, { pin: '1234' });
  await guest.join({ display_name: 'Guest' }, { pin: 'none' });
  const stream = await host.events();
  const told = (field, value, what) => until_(() => {
    const last = stream.of('participant_update').filter((p) => p.uuid === guest.uuid).at(-1);
    return last?.[field] === value;
  }, what);
  assert.equal((await guest.to(host, 'denyrxpresentation')).code, 403, 'a guest decides nothing for others');
  assert.equal((await host.to(guest, 'denyrxpresentation')).code, 200);
  await told('rx_presentation_policy', 'DENY', 'the roster to say that the guest is shown none');
  assert.equal((await guest.me('allowrxpresentation')).code, 403, 'nor for itself against a host');
  assert.equal((await guest.me('pres_in_mix', { state: true })).code, 200);
  await told('needs_presentation_in_mix', true, 'the roster to say where the guest wants it');
  assert.equal((await host.to(guest, 'allowrxpresentation')).code, 200);
  await told('rx_presentation_policy', 'ALLOW', 'the roster to say that the guest is shown it again');
  stream.close();
  await guest.post('release_token');
  await host.post('release_token');
}));

test('what this server cannot do is refused in words', rig.test(async () => {
  const anna = api(room('limits'));
  await anna.join();
  assert.equal((await anna.post('dial', { destination: 'sip:x@example.org', protocol: 'sip', role: 'GUEST' })).code, 403);
  assert.equal((await anna.me('show_live_captions')).code, 403);
  assert.deepEqual((await anna.read('available_layouts')).result, ['1:7', '1:0', '1:21', '1:33', '2:21', '2x2', '3x3', '4x4', '5x5']);
  assert.equal((await anna.post('transform_layout', { transforms: { layout: '4:0' } })).code, 400);
  assert.equal((await anna.post('transform_layout', { transforms: { layout: '2x2' } })).result, true);
  assert.equal((await anna.me('preferred_aspect_ratio', { aspect_ratio: 1.78 })).result, true);
  assert.equal((await rig.server.get('/api/client/v2/status')).status, 200);
}));

test('every path of the OpenAPI file is there, and asks for a token', rig.test(async () => {
  const text = readFileSync(new URL('../../../docs/client-openapi.yaml', import.meta.url), 'utf8');
  const paths = [...text.matchAll(/^  (\/\S*):\n    (get|post):/gm)].map(([, path, method]) => [method, path]);
  assert.ok(paths.length > 50, `${paths.length} paths`);
  for (const [method, path] of paths.filter(([, p]) => !/re(quest|lease)_token/.test(p))) {
    const where = path.replace('{breakout}', '0a1b2c3d-0000-4000-8000-000000000003').replace('{participant}', '0a1b2c3d-0000-4000-8000-000000000001').replace('{call}', '0a1b2c3d-0000-4000-8000-000000000002');
    const answer = await rig.server.get(`/api/client/v2/conferences/demo${where}`, { method: method.toUpperCase() });
    const { result } = await answer.json();
    assert.deepEqual([answer.status, result], [/refresh|events/.test(path) ? 401 : 403, 'Invalid token'], path);
  }
}));
