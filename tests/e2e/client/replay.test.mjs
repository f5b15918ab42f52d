// What older clients and the mobile SDKs do otherwise than the web client, replayed with a real peer connection of Chromium
// and the requests by hand: token in the body's place, empty bodies, b=TIAS, a second call for the presentation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';

const rig = useRig();

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
