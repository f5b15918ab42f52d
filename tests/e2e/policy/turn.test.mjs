// A client that may only relay gets through a real coturn with what a policy chose; a silent TURN server is left out.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { after, before, test } from 'node:test';
import { openClient, blue, red, startApp } from '../client/app/app.mjs';
import { freeUdpPort, missing, startCoturn } from '../harness/coturn.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { join } from './offer.mjs';

const secret = 'a-secret-of-the-test';
const coturn = missing ? { port: 9 } : await startCoturn(secret);
const [alive, dead] = [coturn.port, await freeUdpPort()];
process.env.VIADUX_TEST_TURN = secret;
const organisation = `name = "Tests"
[rooms_on_demand]
enabled = true
[[turn]]
name = "alive"
urls = ["turn:127.0.0.1:${alive}?transport=udp"]
secret = "env:VIADUX_TEST_TURN"
[[turn]]
name = "other"
urls = ["turn:127.0.0.1:9?transport=udp"]
secret = "env:VIADUX_TEST_TURN"
[[turn]]
name = "dead"
urls = ["turn:127.0.0.1:${dead}?transport=udp"]
secret = "env:VIADUX_TEST_TURN"
`;
const policy = `function hooks.media(person)
  local known = { relayed = true, direct = true }
  return {
    turn = known[person.room] and { "alive", "dead" } or {},
    relay_only = known[person.room] or false,
    direct_media = person.room == "direct" and "best_effort" or "never",
  }
end
`;
const rig = useRig({ server: { organisation: `${organisation}\n`, organisations: {} } });
let app;
before(async () => { app = await startApp(); });
after(async () => {
  app?.stop();
  if (!missing) await coturn.stop({ failed: rig.failed });
});

// The Link headers of a 201 (RFC 9725, 4.6).
function iceServers(headers) {
  return [...(headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="ice-server"; username="([^"]+)"; credential="([^"]+)"/g)]
    .map(([, urls, username, credential]) => ({ urls, username, credential }));
}

test('a policy chooses TURN servers, and a silent one is left out', { skip: missing }, rig.test(async () => {
  writeFileSync(path(rig.server.folder, 'organisations/tests/policy.lua'), policy); // taken over by itself
  await until(async () => {
    const servers = iceServers((await join(rig.server, 'relayed')).headers);
    return servers.length === 1 && servers[0].urls.includes(`:${alive}`);
  }, { what: 'the living server alone', timeout: 30000, every: 500 });
  assert.deepEqual(iceServers((await join(rig.server, 'plain')).headers), []);
  assert.ok(await rig.server.metric('viadux_turn_servers_silent') >= 1);
  const [server] = iceServers((await join(rig.server, 'relayed')).headers);
  assert.ok(Number(server.username.split(':')[0]) > Date.now() / 1000 + 3600, 'good for hours, not for ever');
  assert.doesNotMatch(rig.server.log(), new RegExp(`${secret}|${server.credential.slice(0, 12).replace(/[+/]/g, '.')}`));
}));

test('a client that may only relay publishes through it', { skip: missing }, rig.test(async () => {
  const page = await rig.browser.page();
  const offer = await page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180, frameRate: 10 } });
    globalThis.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of stream.getTracks()) globalThis.pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
    globalThis.offered = await globalThis.pc.createOffer();
    return globalThis.offered.sdp;
  });
  const response = await rig.server.get('/whip/relayed', { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
  assert.equal(response.status, 201);
  const servers = iceServers(response.headers);
  assert.equal(servers.length, 1);
  const answer = await response.text();
  await page.evaluate(async ([ice, sdp]) => {
    globalThis.pc.setConfiguration({ iceServers: ice, iceTransportPolicy: 'relay', bundlePolicy: 'max-bundle' });
    await globalThis.pc.setLocalDescription(globalThis.offered);
    await globalThis.pc.setRemoteDescription({ type: 'answer', sdp });
  }, [servers, answer]);
  await until(() => page.evaluate(() => globalThis.pc.connectionState === 'connected'), { what: 'the relayed connection', timeout: 30000 });
  const pair = await until(() => page.evaluate(async () => {
    const all = [...(await globalThis.pc.getStats()).values()];
    // More than one pair may have been nominated; one is in use.
    const { selectedCandidatePairId } = all.find((each) => each.type === 'transport');
    const used = all.find((each) => each.id === selectedCandidatePairId);
    const local = all.find((each) => each.id === used?.localCandidateId);
    return used?.bytesSent > 20000 && { type: local.candidateType, bytes: used.bytesSent };
  }), { what: 'media through the relay', timeout: 30000 });
  assert.equal(pair.type, 'relay');
  assert.equal((await rig.server.get(response.headers.get('location'), { method: 'DELETE' })).status, 200);
}));

// The published client, whose connections are looked at.
async function openWatched(alias) {
  const client = await openClient(rig.browser, app, rig.server, alias);
  await client.page.evaluate(() => {
    const Own = globalThis.RTCPeerConnection;
    globalThis.connections = [];
    globalThis.RTCPeerConnection = class extends Own { constructor(...all) { super(...all); globalThis.connections.push(this); } };
  });
  client.ways = () => client.page.evaluate(async () => {
    const ways = [];
    for (const each of globalThis.connections.filter((c) => c.connectionState === 'connected')) {
      const all = [...(await each.getStats()).values()];
      for (const pair of all.filter((p) => p.type === 'candidate-pair' && p.state === 'succeeded' && p.nominated))
        ways.push(all.find((c) => c.id === pair.localCandidateId).candidateType);
    }
    return [...new Set(ways)].join();
  });
  return client;
}

test('unmodified clients that may only relay meet, by the credentials in their tokens', { skip: missing }, rig.test(async () => {
  const [anna, bo] = [await openWatched('relayed'), await openWatched('relayed')];
  const { result } = await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 });
  assert.equal(result.use_relay_candidates_only, true);
  assert.deepEqual(result.turn.map(({ urls }) => urls), [[`turn:127.0.0.1:${alive}?transport=udp`]]);
  await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 });
  await anna.sees(blue);
  await bo.sees(red);
  assert.deepEqual([await anna.ways(), await bo.ways()], ['relay', 'relay']);
  assert.equal(await rig.server.metric('viadux_media_sessions'), 2);
  for (const client of [anna, bo]) await client.close();
}));

test('two who send to each other directly do so through it', { skip: missing }, rig.test(async () => {
  await until(async () => await rig.server.metric('viadux_media_sessions') === 0, { what: 'those before to be gone', timeout: 60000 });
  const [anna, bo] = [await openWatched('direct'), await openWatched('direct')];
  await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 });
  const { result } = await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 });
  assert.deepEqual([result.direct_media, result.turn.length, result.use_relay_candidates_only], [true, 1, true]);
  await anna.sees(blue);
  await bo.sees(red);
  assert.deepEqual([await anna.ways(), await bo.ways()], ['relay', 'relay']);
  assert.equal(await rig.server.metric('viadux_media_sessions'), 0, 'nothing of it comes by the server');
  for (const client of [anna, bo]) await client.close();
}));
