// Bad input gets a clear refusal and a counter, and nothing else changes.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { candidatePort } from './harness/relay.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const organisation = `name = "Closed"
[rooms_on_demand]
enabled = false
[[room]]
alias = "demo"
name = "Demo room"
[[room]]
alias = "locked"
name = "Only with a PIN"
host_pin = "739204"
guests_without_pin = false
`;
const rig = useRig({ server: { organisation } });

const post = (path, body, headers = {}) =>
  rig.server.get(path, { method: 'POST', headers: { 'Content-Type': 'application/sdp', ...headers }, body });

// The refusal must be a problem document (RFC 9457) that says what was wrong.
async function refused(response, status) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type') ?? '', /application\/problem\+json/, text);
  const problem = JSON.parse(text);
  assert.match(problem.reason ?? '', /^[a-z][a-z_]+$/, `has a word for programs: ${text}`);
  assert.ok(`${problem.title} ${problem.detail}`.length > 20, `says what is wrong: ${text}`);
  return problem;
}

async function offer() {
  const page = await rig.browser.page();
  const sdp = await page.evaluate(() => globalThis.rtc.offerToReceive({ audio: 1, video: 1 }));
  await page.close();
  return sdp;
}

const whips = (status) => rig.server.metric('viadux_whip_requests_total', `status="${status}"`);

test('malformed session descriptions are refused and counted', rig.test(async () => {
  const good = await offer();
  const before = await whips(400);
  const bad = {
    'nothing': '',
    'not SDP': 'hello, server\r\n',
    'bytes': '\u0000\u0001\u0002\u00ff'.repeat(50),
    'a broken media line': good.replace(/m=audio \d+/, 'm=audio notaport'),
    'half of it': good.slice(0, 40),
  };
  for (const [name, body] of Object.entries(bad)) {
    const response = await post('/whep/demo', body);
    assert.ok(response.status >= 400 && response.status < 500, `${name}: ${response.status}`);
    await refused(response, response.status);
  }
  assert.ok(await whips(400) > before, 'counted');
  await refused(await post('/whep/demo', good.replace(/a=fingerprint:.*\r\n/g, '')), 422);
  assert.equal(await rig.server.metric('viadux_media_sessions'), 0, 'nothing was left open');
}));

test('the wrong content type, method and an unknown resource are refused', rig.test(async () => {
  await refused(await post('/whep/demo', await offer(), { 'Content-Type': 'text/plain' }), 415);
  await refused(await rig.server.get('/whep/demo/nosuchresource', { method: 'DELETE' }), 404);
  const put = await rig.server.get('/whip/demo', { method: 'PUT', body: 'x' });
  assert.equal(put.status, 405);
}));

test('an oversized request is refused before it is read', rig.test(async () => {
  const response = await post('/whip/demo', 'v=0\r\n'.repeat(600000)).catch((error) => error);
  if (response instanceof Error) assert.match(String(response.cause ?? response), /EPIPE|ECONNRESET|other side closed/);
  else assert.equal(response.status, 413);
  assert.ok(await rig.server.metric('viadux_http_refused_total') > 0, 'counted');
  assert.equal((await rig.server.get('/readyz')).status, 200, 'the server goes on');
}));

test('an unknown room is refused where rooms are not made on demand', rig.test(async () => {
  const problem = await refused(await post('/whep/nosuchroom', await offer()), 404);
  assert.equal(problem.reason ?? problem.type?.split(/[/#:]/).pop(), 'room_unknown');
}));

test('a PIN guessed 20 times is slowed, and the right one is not given away', rig.test(async () => {
  const sdp = await offer();
  await refused(await post('/whip/locked', sdp), 401);
  const statuses = [];
  for (let i = 0; i < 20; i++) {
    const response = await post('/whip/locked', sdp, { Authorization: `Bearer ${774100 + i}` });
    statuses.push(response.status);
    await refused(response, response.status);
  }
  assert.ok(statuses.every((status) => status === 401 || status === 429), statuses.join(' '));
  assert.equal(statuses.at(-1), 429, `slowed in the end: ${statuses.join(' ')}`);
  // While it is slowed even the right one is refused: the answer must not tell.
  assert.equal((await post('/whip/locked', sdp, { Authorization: 'Bearer 739204' })).status, 429);
  assert.equal(await rig.server.metric('viadux_meeting_pins_wrong_total'), statuses.filter((status) => status === 401).length, 'counted');
  assert.ok(await rig.server.metric('viadux_meeting_pins_slowed_total') > 0, 'counted');
  assert.doesNotMatch(rig.server.log(), /739204/, 'no PIN in the log');
  assert.doesNotMatch(rig.server.log(), /7741[0-9]{2}/, 'nor a guess');
}));

test('checks with a wrong ufrag or password and forged media change nothing', rig.test(async () => {
  const sender = await publish(rig.browser, rig.server, 'demo');
  const viewer = await play(rig.browser, rig.server, 'demo');
  await until(async () => (await viewer.stats()).video?.frames >= 10, { what: 'the first frames', timeout: 20000 });
  const before = await rig.server.metric('viadux_media_unknown_packets_total');

  const socket = createSocket('udp4');
  const port = candidatePort(sender.answer);
  const check = Buffer.from('000100182112a442000102030405060708090a0b' + '000600106e6f626f64793a6e6f626f6479313233' + '80280004deadbeef', 'hex');
  const rtp = Buffer.concat([Buffer.from('806000010000000112345678', 'hex'), Buffer.alloc(200, 7)]);
  for (let i = 0; i < 50; i++) for (const datagram of [check, rtp, Buffer.from('noise')]) socket.send(datagram, port, '127.0.0.1');
  await until(async () => (await rig.server.metric('viadux_media_unknown_packets_total')) >= before + 100, { what: 'strangers to be counted' });
  socket.close();

  const from = await viewer.stats();
  await until(async () => (await viewer.stats()).video.frames >= from.video.frames + 20, { what: 'the picture to go on' });
  assert.equal(await rig.server.metric('viadux_media_sessions'), 2);
  await viewer.leave();
  await sender.leave();
}));
