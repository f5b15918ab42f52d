// Direct media: two unmodified clients send to each other and this server carries offers and answers alone, until something
// ends that; then both are back with routed media, and nobody has done anything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';
import { blue, green, openClient, red, startApp } from './app/app.mjs';

const organisation = `name = "Tests"
[rooms_on_demand]
enabled = true
max = 5000
[[room]]
alias = "clinic"
host_pin = "1234"
guests_without_pin = true
[[room]]
alias = "one-way"
one_way = true
`;
const rig = useRig({ server: { organisation, config: { client: { direct_media: true, stun: ['stun:127.0.0.1:9'] } } } });
const routed = useRig({ browser: false });
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

const sessions = () => rig.server.metric('viadux_media_sessions');

test('two clients meet directly, present, and a third one brings all back to routed media', rig.test(async () => {
  const alias = room('direct');
  const open = () => openClient(rig.browser, app, rig.server, alias);
  const [anna, bo, carl] = [await open(), await open(), await open()];
  const joined = await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 });
  assert.deepEqual([joined.result.direct_media, joined.result.pex_datachannel_id], [true, 3]);
  assert.equal((await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 })).result.direct_media, true);
  await anna.sees(blue);
  await bo.sees(red);
  await anna.hearsOnly([1000]);
  await bo.hearsOnly([600]);
  assert.equal(await sessions(), 0, 'nothing of it comes by the server');
  assert.equal((await anna.status()).directMedia, true);
  await anna.knows((people) => people.length === 2 && people.every((p) => p.hasMedia && p.callType === 'video'), 'both to be in a call');
  const codes = await Promise.all([anna, bo].map((c) => c.page.evaluate(() => globalThis.app.client.secureCheckCode)));
  assert.ok(codes[0] && codes[0] === codes[1], `one code for both: ${codes}`);

  await anna.call('sendMessage', { payload: 'between us' });
  await until(async () => (await bo.happened('onMessage')).some((m) => m.message === 'between us'), { what: 'the message' });
  await bo.present('green');
  await until(async () => (await anna.slides()) === green, { what: 'Anna to see the slides', timeout: 40000 });
  await bo.stopPresenting();

  assert.equal((await carl.join({ displayName: 'Carl', colour: 'green', hertz: 1700 })).result.direct_media, false);
  await anna.hearsOnly([1000, 1700], 60000);
  await bo.hearsOnly([600, 1700], 60000);
  await carl.hearsOnly([600, 1000], 60000);
  for (const client of [anna, bo, carl]) await client.knows((people) => people.map((p) => p.displayName).sort().join() === 'Anna,Bo,Carl', 'all three');
  assert.equal(await sessions(), 3);
  assert.equal((await anna.status()).directMedia, false);
  assert.equal((await anna.happened('onTransfer'))[0].target, 'transcoded');

  // Alone again, they come back to it by themselves.
  for (const client of [anna, bo]) await client.settled();
  await carl.leave();
  await until(async () => await sessions() === 0, { what: 'the two to send to each other again', timeout: 60000 });
  await anna.sees(blue, 'Bo, past the server');
  await bo.sees(red);
  await bo.hearsOnly([600]);
  assert.deepEqual((await anna.happened('onTransfer')).map((t) => t.target), ['transcoded', 'direct']);
  assert.equal((await anna.status()).directMedia, true);
  for (const client of [anna, bo, carl]) await client.close();
}));

test('who is left waits for the next one', rig.test(async () => {
  const alias = room('again');
  const open = () => openClient(rig.browser, app, rig.server, alias);
  const [anna, bo, carl] = [await open(), await open(), await open()];
  await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 });
  await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 });
  await anna.hears(1000);
  await bo.leave();
  await until(async () => (await anna.happened('onPeerDisconnect')).length, { what: 'to be told' });
  assert.equal((await carl.join({ displayName: 'Carl', colour: 'green', hertz: 1700 })).result.direct_media, true);
  await anna.sees(green, 'the next one');
  await carl.sees(red);
  await anna.hearsOnly([1700]);
  for (const client of [anna, bo, carl]) await client.close();
}));

const api = (alias, on = rig) => new Api(on.server, alias);
async function two(alias, pins = ['', '']) {
  const people = [api(alias), api(alias)];
  for (const [i, each] of people.entries()) {
    each.answer = await each.join({ display_name: `P${i}`, direct_media: true }, pins[i] ? { pin: pins[i] } : {});
    each.stream = await each.events();
  }
  return people;
}
const granted = (each) => each.answer.result.direct_media;
const escalated = async (each) => {
  await until(() => each.stream.of('refer').length, { what: 'the way back' });
  assert.equal(each.stream.of('splash_screen')[0].screen_key, 'direct_media_escalate');
  assert.equal(each.stream.of('refer')[0].target, 'transcoded');
  return each.stream.of('refer')[0];
};

test('offers, answers and candidates go across, and an unanswered offer is no answer', rig.test(async () => {
  const [first, second] = await two(room('hand'));
  assert.deepEqual([granted(first), granted(second)], [true, true]);
  assert.deepEqual(first.answer.result.stun, [{ url: 'stun:127.0.0.1:9' }]);
  const waits = (await first.me('calls', { call_type: 'WEBRTC', sdp: 'v=0 first' })).result;
  assert.deepEqual([waits.sdp, waits.offer_ignored], ['', true]);
  await first.me(`calls/${waits.call_uuid}/new_candidate`, { candidate: 'of what was put aside', mid: '0', ufrag: 'old' });
  const called = second.me('calls', { call_type: 'WEBRTC', sdp: 'v=0 second' });
  const [offer] = await until(() => first.stream.of('new_offer').length && first.stream.of('new_offer'), { what: 'the offer' });
  assert.deepEqual(offer, { sdp: 'v=0 second' });
  assert.equal((await first.me(`calls/${waits.call_uuid}/ack`, { sdp: 'v=0 answer' })).result, true);
  const call = (await called).result;
  assert.equal(call.sdp, 'v=0 answer');
  assert.ok(!('offer_ignored' in call));
  assert.equal(second.stream.of('new_candidate').length, 0);
  assert.equal((await second.me(`calls/${call.call_uuid}/new_candidate`, { candidate: 'candidate:1', mid: '1', ufrag: 'u' })).result, null);
  await until(() => first.stream.of('new_candidate').length, { what: 'the candidate' });
  assert.deepEqual(first.stream.of('new_candidate')[0], { candidate: 'candidate:1', mid: '1', ufrag: 'u' });
  // Both offer at once: one is ignored, the other one is answered.
  const glare = second.me(`calls/${call.call_uuid}/update`, { sdp: 'v=0 glare' });
  await until(() => first.stream.of('update_sdp').length, { what: 'the update' });
  await first.me(`calls/${waits.call_uuid}/ack`, { offer_ignored: true, sdp: 'offer_ignored' });
  assert.deepEqual((await glare).result, { call_uuid: call.call_uuid, sdp: '' });
  const update = first.me(`calls/${waits.call_uuid}/update`, { sdp: 'v=0 again' });
  await until(() => second.stream.of('update_sdp').length, { what: 'the other update' });
  await second.me(`calls/${call.call_uuid}/ack`, { sdp: 'v=0 yes' });
  assert.equal((await update).result.sdp, 'v=0 yes');
  await second.me(`calls/${call.call_uuid}/disconnect`);
  await until(() => first.stream.of('peer_disconnect').length, { what: 'to be told' });
  assert.deepEqual(first.stream.of('peer_disconnect'), [null]);
}));

test('whatever makes the two unequal, or is not for two, ends it; and it never begins then', rig.test(async () => {
  const alone = api(room('asks'));
  assert.equal((await alone.join({ direct_media: false })).result.direct_media, false, 'who does not ask');
  assert.equal((await api(alone.alias).join({ direct_media: true })).result.direct_media, false, 'nor the other one then');
  assert.equal((await api('one-way').join({ direct_media: true })).result.direct_media, false, 'a one-way room');
  assert.equal((await api('x', routed).join({}).then(() => api('demo', routed).join({ direct_media: true }))).result.direct_media, false, 'by default');

  const muted = await two(room('mute'));
  await muted[0].to(muted[1], 'mute');
  const back = await escalated(muted[1]);
  await escalated(muted[0]);
  assert.equal((await muted[1].read('conference_status')).result.direct_media, false);
  const again = api(back.alias);
  assert.equal((await again.join({ direct_media: true, token: back.token })).result.direct_media, false, 'who comes back is routed');

  const own = await two(room('camera'));
  await own[0].me('video_muted');
  await own[0].me('client_mute');
  await own[1].me('buzz');
  assert.equal(own[0].stream.of('refer').length, 0, "one's own camera and microphone are one's own");
  await own[0].to(own[1], 'video_muted');
  await escalated(own[1]);

  // A role changes; the way back needs no PIN and makes nobody more than it was.
  const [doctor, patient] = await two('clinic', ['1234', 'none']);
  assert.deepEqual([granted(doctor), granted(patient)], [true, true]);
  await doctor.to(patient, 'role', { role: 'chair' });
  const host = await escalated(patient);
  assert.equal((await escalated(doctor)).alias, 'clinic');
  await patient.post('release_token');
  const returned = api('clinic');
  assert.equal((await returned.join({ token: host.token })).result.role, 'HOST');
  assert.equal((await api('clinic').join({ token: host.token })).result, 'Invalid token', 'once');

  const third = await two(room('third'));
  await api(third[0].alias).join({ direct_media: true });
  await escalated(third[0]);
  await escalated(third[1]);
  const apart = await two(room('apart'));
  assert.equal((await apart[0].post('breakouts', { name: 'B', participants: { main: [apart[1].uuid] } })).code, 200);
  await escalated(apart[1]);
}));

test('after a restart the two still reach each other by their tokens', rig.test(async () => {
  const [first, second] = await two(room('restart'));
  const waits = (await first.me('calls', { call_type: 'WEBRTC', sdp: 'v=0 first' })).result;
  const called = second.me('calls', { call_type: 'WEBRTC', sdp: 'v=0 second' });
  await until(() => first.stream.of('new_offer').length, { what: 'the offer' });
  await first.me(`calls/${waits.call_uuid}/ack`, { sdp: 'v=0 answer' });
  const { call_uuid: call } = (await called).result;
  for (const each of [first, second]) each.token = (await each.post('refresh_token')).result.token;
  await rig.server.crash();
  await rig.server.start();
  first.stream = await first.events();
  second.stream = await second.events();
  const update = second.me(`calls/${call}/update`, { sdp: 'v=0 restarted ICE' });
  await until(() => first.stream.of('update_sdp').length, { what: 'the update' });
  await first.me(`calls/${waits.call_uuid}/ack`, { sdp: 'v=0 here' });
  assert.equal((await update).result.sdp, 'v=0 here');
  assert.equal(first.stream.of('refer').length, 0);
}));
