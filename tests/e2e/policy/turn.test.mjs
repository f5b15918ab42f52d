// A client that may only relay gets through a real coturn with what a policy chose; a silent TURN server is left out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, before, test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { join } from './offer.mjs';

const freeUdpPort = () => new Promise((done) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1', () => { const { port } = socket.address(); socket.close(() => done(port)); });
});
const [alive, dead] = [await freeUdpPort(), await freeUdpPort()];
const secret = 'a-secret-of-the-test';
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
  return { turn = person.room == "relayed" and { "alive", "dead" } or {} }
end
`;
const rig = useRig({ server: { organisation: `${organisation}\n`, organisations: {} } });
const turnserver = '/usr/bin/turnserver';
const missing = !existsSync(turnserver) && 'coturn is not installed';
let coturn;
let folder;

before(async () => {
  if (missing) return;
  folder = mkdtempSync(path(tmpdir(), 'viadux-turn-'));
  coturn = spawn(turnserver, ['-n', '--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=viadux.test',
    '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${alive}`, '--min-port=20000', '--max-port=20999',
    '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--log-file=stdout', `--pidfile=${folder}/pid`,
    `--userdb=${folder}/db`], { stdio: 'ignore' });
});
after(() => {
  coturn?.kill('SIGKILL');
  if (folder) rmSync(folder, { recursive: true, force: true });
});

// The Link headers of a 201 (RFC 9725, 4.6).
function iceServers(headers) {
  return [...(headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="ice-server"; username="([^"]+)"; credential="([^"]+)"/g)]
    .map(([, urls, username, credential]) => ({ urls, username, credential }));
}

test('a policy chooses TURN servers, and a silent one is left out', { skip: missing }, rig.test(async () => {
  const { writeFileSync } = await import('node:fs');
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
    const nominated = all.find((each) => each.type === 'candidate-pair' && each.nominated);
    const local = all.find((each) => each.id === nominated?.localCandidateId);
    return nominated?.bytesSent > 20000 && { type: local.candidateType, bytes: nominated.bytesSent };
  }), { what: 'media through the relay', timeout: 30000 });
  assert.equal(pair.type, 'relay');
  assert.equal((await rig.server.get(response.headers.get('location'), { method: 'DELETE' })).status, 200);
}));
