// What older clients and the mobile SDKs do otherwise than the web client, replayed with a real peer connection of Chromium
// and the requests by hand: token in the body's place, empty bodies, b=TIAS, a second call for the presentation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';

const organisation = `name = "Tests"
[rooms_on_demand]
enabled = true
max = 5000
[[room]]
alias = "pin"
host_pin = "1234"
guests_without_pin = true
`;
const rig = useRig({ server: { organisation, config: { client: { heartbeat: '1s' } } } });

// A page with a peer connection whose requests the test makes.
async function caller(alias) {
  const api = new Api(rig.server, alias);
  assert.equal((await api.join({ display_name: 'Old' })).code, 200);
  api.stream = await api.events();
  return api;
}

async function dial(api, { media = {}, receive = false, present, change = (sdp) => sdp } = {}) {
  const page = await rig.browser.page();
  const offer = change(await page.evaluate(([lines, wish]) => (lines ? globalThis.rtc.offerToReceive(lines) : globalThis.rtc.offerToSend(wish)),
    [receive || null, media]));
  const answer = await api.me('calls', { call_type: 'WEBRTC', sdp: offer, ...(present ? { present } : {}) });
  assert.equal(answer.code, 200, JSON.stringify(answer));
  await page.evaluate((sdp) => globalThis.rtc.accept(sdp), answer.result.sdp);
  const call = answer.result.call_uuid;
  assert.equal((await api.me(`calls/${call}/ack`)).result, true, 'no body at all');
  await until(() => page.evaluate(() => globalThis.rtc.state() === 'connected' && true), { what: 'the call to connect' });
  return { page, call, offer, answer: answer.result.sdp, stats: () => page.evaluate(() => globalThis.rtc.stats()) };
}

test('a call with TIAS, candidates and empty bodies; the answer is VP8 alone, in the offer\'s order', rig.test(async () => {
  const alias = room('replay');
  const sender = await caller(alias);
  const viewer = await caller(alias);
  const tias = (sdp) => sdp.replace(/(m=video [^]*?c=IN [^\r]*\r\n)/, '$1b=TIAS:500000\r\n');
  const sent = await dial(sender, { change: tias });
  assert.ok(sent.offer.includes('b=TIAS:500000'));
  const seen = await dial(viewer, { receive: { audio: 1, video: 1 } });
  const codecs = [...seen.answer.matchAll(/a=rtpmap:\d+ ([\w-]+)\/90000/g)].map((m) => m[1].toUpperCase());
  assert.deepEqual([...new Set(codecs)].sort(), ['RTX', 'VP8']);
  const mids = (sdp) => [...sdp.matchAll(/a=mid:(\S+)/g)].map((m) => m[1]);
  assert.deepEqual(mids(seen.answer), mids(seen.offer));
  assert.match(seen.answer, /a=group:BUNDLE/);
  const candidate = await viewer.me(`calls/${seen.call}/new_candidate`, { candidate: '', mid: '0', ufrag: /ice-ufrag:(\S+)/.exec(seen.offer)[1] });
  assert.equal(candidate.result, null);
  assert.equal((await viewer.me(`calls/${seen.call}/statistics`, { audio: {} })).result, null);
  await until(async () => (await seen.stats()).video?.frames >= 20, { what: '20 decoded frames', timeout: 20000 });

  // ICE restart by update; and an update of a call that nobody knows is a call.
  const offer = await seen.page.evaluate(() => globalThis.rtc.restartIce());
  const updated = await viewer.me(`calls/${seen.call}/update`, { sdp: offer, fecc_supported: false });
  assert.equal(typeof updated.result, 'string');
  await seen.page.evaluate((sdp) => globalThis.rtc.accept(sdp), updated.result);
  const before = (await seen.stats()).video.frames;
  await until(async () => (await seen.stats()).video.frames >= before + 20, { what: '20 frames after the restart', timeout: 20000 });
  const unknown = await viewer.me('calls/0a1b2c3d-0000-4000-8000-000000000001/update', { sdp: offer });
  assert.match(unknown.result, /^v=0/);
  assert.equal((await viewer.me(`calls/${seen.call}/disconnect`)).result, null);
  assert.equal((await viewer.me(`calls/${seen.call}/disconnect`)).result, null, 'once more is no failure');
}));

test('a second call presents, another one watches, and it ends when somebody else takes the floor', rig.test(async () => {
  const alias = room('second');
  const presenter = await caller(alias);
  const viewer = await caller(alias);
  await dial(presenter);
  const main = await dial(viewer, { receive: { audio: 1, video: 1 } });
  const screen = await dial(presenter, { media: { width: 160, height: 120 }, present: 'send' });
  assert.match(screen.answer, /a=content:slides/);
  await until(() => viewer.stream.of('presentation_start').some((p) => p.presenter_uuid === presenter.uuid), { what: 'the presentation to be told' });
  const watching = await dial(viewer, { receive: { audio: 0, video: 1 }, present: 'receive' });
  await until(async () => (await watching.stats()).video?.height === 120, { what: 'the slides in the second call', timeout: 20000 });
  await until(async () => (await main.stats()).video?.height === 180, { what: 'the camera in the first call', timeout: 20000 });

  await viewer.me('take_floor');
  await until(() => presenter.stream.of('call_disconnected').some((c) => c.call_uuid === screen.call), { what: 'the second call to be ended' });
  await until(() => presenter.stream.of('presentation_start').some((p) => p.presenter_uuid === viewer.uuid), { what: 'the presenter to be told' });
}));

test('after a restart a second call comes back as what it was: the presentation, sent and watched', rig.test(async () => {
  const alias = room('back');
  const presenter = await caller(alias);
  const viewer = await caller(alias);
  const calls = [
    [presenter, await dial(presenter)],
    [presenter, await dial(presenter, { media: { width: 160, height: 120 }, present: 'send' })],
    [viewer, await dial(viewer, { receive: { audio: 1, video: 1 } })],
    [viewer, await dial(viewer, { receive: { audio: 0, video: 1 }, present: 'receive' })],
  ];
  const [, , [, main], [, watching]] = calls;
  await until(async () => (await watching.stats()).video?.height === 120, { what: 'the slides', timeout: 20000 });
  await rig.server.crash();
  await rig.server.start();
  for (const [who, call] of calls) {
    const offer = await call.page.evaluate(() => globalThis.rtc.restartIce());
    const updated = await who.me(`calls/${call.call}/update`, { sdp: offer });
    assert.equal(updated.code, 200, JSON.stringify(updated));
    const second = call !== main && call !== calls[0][1];
    assert.equal(/a=content:slides/.test(updated.result), second, 'slides, and nothing else');
    await call.page.evaluate((sdp) => globalThis.rtc.accept(sdp), updated.result);
  }
  viewer.stream = await viewer.events();
  await until(() => viewer.stream.of('presentation_start').some((p) => p.presenter_uuid === presenter.uuid), { what: 'the presentation to be told' });
  const before = [await watching.stats(), await main.stats()].map((s) => s.video?.frames ?? 0);
  await until(async () => { const v = (await watching.stats()).video; return v?.height === 120 && v.frames > before[0] + 10; }, { what: 'the slides again', timeout: 30000 });
  await until(async () => { const v = (await main.stats()).video; return v?.height === 180 && v.frames > before[1] + 10; }, { what: 'the camera again', timeout: 30000 });

  // Whoever has taken the floor meanwhile keeps it.
  await viewer.me('take_floor');
  const late = await presenter.me(`calls/${calls[1][1].call}/update`, { sdp: calls[1][1].offer });
  assert.deepEqual([late.code, late.result], [403, 'Presentation taken by another participant']);
}));

test('the older web client: a PIN is asked for, the state is read by request, and refusals are texts', rig.test(async () => {
  const api = new Api(rig.server, 'pin');
  const ask = await api.join({ display_name: 'Old' });
  assert.deepEqual([ask.code, ask.status, ask.result.pin, ask.result.guest_pin], [403, 'success', 'required', 'none'], 'by `success` it knows a question');
  const wrong = await api.join({ display_name: 'Old' }, { pin: '4321' });
  assert.deepEqual([wrong.code, wrong.status, wrong.result], [403, 'failed', 'Invalid PIN']);
  assert.equal((await api.join({ display_name: 'Old' }, { pin: '1234' })).result.role, 'HOST');
  const status = (await api.read('conference_status')).result;
  for (const name of ['locked', 'guests_muted', 'started']) assert.equal(typeof status[name], 'boolean');
  const stream = await api.events();
  await until(() => stream.of('participant_sync_end').length, { what: 'the roster' });
  assert.equal(stream.of('breakout_begin').length, 0);
  const call = await dial(api);
  assert.equal((await api.me('take_floor')).result, null);
  assert.equal((await api.me('release_floor')).result, null);
  assert.equal((await api.post('silent_video_detection')).result, true);
  // In a break-out it is where it is: it knows of one room.
  await api.post('breakouts', { name: 'Group', participants: { main: [api.uuid] } });
  await until(() => stream.of('conference_update').at(-1).breakout_name === 'Group', { what: 'to be told the new room as its own' });
  assert.deepEqual((await api.read('participants')).result.map((p) => [p.uuid, p.has_media]), [[api.uuid, true]], 'with the call as it runs');
  await api.post('breakouts/disconnect');
  await until(() => stream.of('conference_update').at(-1).breakout === undefined, { what: 'to be back' });
  assert.equal((await api.me(`calls/${call.call}/disconnect`)).result, null);
  assert.equal((await api.post('release_token')).result, true);
}));

test('the mobile SDKs: probe, immediate refresh, no bodies, strict types, chat by REST, the one-time token in a header', rig.test(async () => {
  assert.equal((await rig.server.get('/api/client/v2/status')).status, 200);
  const alias = room('mobile');
  const android = new Api(rig.server, alias);
  const joined = await android.join({ display_name: 'Android', direct_media: true, breakout_capable: true, chosen_idp: 'none', sso_token: 'none', node: '127.0.0.1' });
  const r = joined.result;
  assert.ok(r.version.version_id >= '36', 'as text: client_mute is for its own microphone then');
  for (const name of ['conference_name', 'display_name', 'participant_uuid', 'token', 'expires']) assert.equal(typeof r[name], 'string');
  assert.equal(r.chat_enabled, true);
  assert.ok(!('pex_datachannel_id' in r), 'or it would chat over a channel that nobody reads');
  const refreshed = await android.post('refresh_token');
  assert.equal(typeof refreshed.result.expires, 'string');
  const stream = await android.events(); // by the token of before
  assert.equal(stream.code, 200);
  android.token = refreshed.result.token;

  const ios = new Api(rig.server, alias);
  await ios.join({ display_name: 'iOS' });
  const own = await until(() => stream.of('participant_create').find((p) => p.uuid === ios.uuid), { what: 'iOS to come' });
  const types = { uuid: 'string', display_name: 'string', role: 'string', service_type: 'string', buzz_time: 'number', spotlight: 'number', local_alias: 'string',
    call_direction: 'string', is_muted: 'string', is_video_muted: 'boolean', is_presenting: 'string', is_video_call: 'string', is_audio_only_call: 'string',
    has_media: 'boolean', is_external: 'boolean', is_streaming_conference: 'boolean', mute_supported: 'string', disconnect_supported: 'string',
    transfer_supported: 'string', fecc_supported: 'string', rx_presentation_policy: 'string' };
  for (const [name, type] of Object.entries(types)) assert.equal(typeof own[name], type, name);
  assert.match(String(JSON.stringify(own.start_time)), /^\d+\.\d+$/, 'split at its dot');

  const call = await dial(android, { change: (sdp) => sdp.replace(/(m=video [^]*?c=IN [^\r]*\r\n)/, '$1b=TIAS:800000\r\n') });
  await until(() => stream.of('participant_update').some((p) => p.uuid === android.uuid && p.has_media), { what: 'its media in the roster' });
  assert.equal((await android.post('message', { type: 'text/plain', payload: 'by REST' })).result, true);
  const heard = await ios.events();
  await until(() => heard.of('message_received').some((m) => m.payload === 'by REST'), { what: 'the message' });
  assert.equal((await android.me('client_mute')).result, true);
  assert.equal((await ios.me('mute')).result, true, 'its own microphone button');
  await until(() => stream.of('participant_update').some((p) => p.uuid === ios.uuid && p.is_muted === 'YES'), { what: 'the mute' });
  assert.equal((await ios.me('unmute')).result, true);
  // Keys, the server's own figures of a call, a preferred picture, and nobody to move a camera of.
  assert.equal((await android.me(`calls/${call.call}/dtmf`, { digits: '12#' })).result, true);
  assert.equal((await android.me(`calls/${call.call}/dtmf`, { digits: 'call me' })).code, 403);
  const figures = (await android.read(`participants/${android.uuid}/statistics`)).result;
  assert.equal(figures[call.call].connected, true);
  assert.equal(figures[call.call].tracks.length, 2);
  assert.equal((await android.me(`calls/${call.call}/fecc`, { action: 'start', movement: [{ axis: 'pan', direction: 'left' }] })).result, true);
  await until(() => heard.of('fecc').length, { what: 'the camera command' });
  await until(() => /\n\n:\n\n/.test(stream.text), { what: 'a heartbeat that is a block of its own', timeout: 5000 });

  // Transferred: the ticket comes in the header that tokens have.
  await android.to(ios, 'transfer', { conference_alias: `${alias}-2`, role: 'guest' });
  const [refer] = await until(() => heard.of('refer').length && heard.of('refer'), { what: 'the transfer' });
  const there = new Api(rig.server, refer.alias);
  const again = await there.post('request_token', { display_name: 'iOS' }, { token: refer.token });
  assert.equal(again.code, 200, JSON.stringify(again));
  assert.equal((await android.me(`calls/${call.call}/disconnect`)).result, null);
  assert.equal((await android.post('release_token')).result, true);
}));
