// What a room system may say, and what it is told: by sipp, without media.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { freePorts } from '../harness/baresip.mjs';
import { useRig } from '../harness/rig.mjs';
import { asked, missing, pause, reply, request, response, sipp } from '../harness/sipp.mjs';
import { startServer } from '../harness/server.mjs';
import { until } from '../harness/until.mjs';

const organisation = `name = "Tests"
[[room]]
alias = "ward"
[[room]]
alias = "guarded"
guest_pin = "2468"
host_pin = "1234"
[[room]]
alias = "small"
participants_max = 1
`;
const port = await freePorts(1);
const config = { sip: { port, address: '127.0.0.1' } };
const rig = useRig({ browser: false, server: { organisation, config } });
const calls = () => rig.server.metric('viadux_sip_calls');
const none = () => until(async () => (await calls()) === 0, { what: 'no call to be left' });
const options = { skip: missing, timeout: 60000 };

const answered = [response(100, { optional: true }), response(180, { optional: true })];
const refused = (status, check = []) => [request('INVITE', { sdp: 'sendrecv' }), response(100, { optional: true }),
  response(180, { optional: true }), response(status, { check }), request('ACK', { within: true, refused: true })];

test('OPTIONS says what is understood', options, rig.test(async () => {
  for (const transport of ['u1', 't1'])
    await sipp(port, 'ward', [request('OPTIONS'), response(200, { check: ['Allow:.*INVITE.*BYE', 'Accept: application/sdp'] })], { transport });
}));

test('a call and its end, over UDP and TCP', options, rig.test(async () => {
  for (const transport of ['u1', 't1']) {
    await sipp(port, 'ward', [request('INVITE', { sdp: 'sendrecv' }), ...answered,
      response(200, { check: ['m=audio [1-9][0-9]* RTP/AVP 8', 'Contact: <sip:'] }), request('ACK', { within: true }),
      pause(300), request('BYE', { cseq: 2, within: true }), response(200)], { transport });
    await none();
  }
  assert.equal(await rig.server.metric('viadux_sip_calls_total', 'outcome="answered"'), 2);
}));

test('what is no room is one answer, to the letter', options, rig.test(async () => {
  const said = [];
  for (const name of ['nobody', 'closed-room', 'a%20b', 'UPPER!'])
    said.push(await sipp(port, name, refused(404, ['Warning: 399'])));
  const told = said.map((log) => [...new Set(log.match(/SIP\/2\.0 404[^\n]*|Warning:[^\n]*/g))].join());
  assert.equal(new Set(told).size, 1, told.join('\n'));
  await sipp(port, 'guarded', refused(403));
  await sipp(port, 'guarded.9999', refused(403));
  await none();
}));

test('a full room is busy', options, rig.test(async () => {
  const first = sipp(port, 'small', [request('INVITE', { sdp: 'sendrecv' }), ...answered, response(200), request('ACK', { within: true }), pause(3000),
    request('BYE', { cseq: 2, within: true }), response(200)]);
  await until(async () => (await calls()) === 1, { what: 'the first call' });
  await sipp(port, 'small', refused(486, ['Warning: 399 viadux']));
  await first;
  await none();
}));

test('an offer without anything that we have is 488', options, rig.test(async () => {
  const steps = refused(488);
  steps[0] = steps[0].replace('RTP/AVP 8 101', 'RTP/AVP 18').replace('a=rtpmap:8 PCMA/8000\n', '').replace('a=rtpmap:101 telephone-event/8000\n', '');
  await sipp(port, 'ward', steps);
}));

test('without an offer we make one', options, rig.test(async () => {
  await sipp(port, 'ward', [request('INVITE'), ...answered, response(200, { check: ['m=audio [1-9]', 'm=video [1-9]', 'a=rtpmap:[0-9]+ H264/90000'] }),
    request('ACK', { within: true, sdp: 'sendrecv' }).replace('a=sendrecv\n', 'a=sendrecv\nm=video 0 RTP/AVP 96\n'), pause(500),
    request('BYE', { cseq: 2, within: true }), response(200)]);
  await none();
  // One that does not answer it is hung up on.
  await sipp(port, 'ward', [request('INVITE'), ...answered, response(200), request('ACK', { within: true }), asked('BYE'), reply('200 OK')]);
  await none();
}));

test('hold, and back, and an offer that we are asked for in a call', options, rig.test(async () => {
  const again = (cseq, sdp, check) => [request('INVITE', { cseq, sdp, within: true }), response(100, { optional: true }), response(200, { check }),
    request('ACK', { cseq, within: true })];
  await sipp(port, 'ward', [request('INVITE', { sdp: 'sendrecv' }), ...answered, response(200, { check: ['a=sendrecv'] }), request('ACK', { within: true }),
    ...again(2, 'sendonly', ['a=recvonly']), ...again(3, 'inactive', ['a=inactive']), ...again(4, 'sendrecv', ['a=sendrecv']),
    request('INVITE', { cseq: 5, within: true }), response(100, { optional: true }), response(200, { check: ['m=audio [1-9]'] }),
    request('ACK', { cseq: 5, within: true, sdp: 'sendrecv' }), pause(300),
    request('BYE', { cseq: 6, within: true }), response(200)]);
  await none();
}));

test('a session timer is kept', options, rig.test(async () => {
  await sipp(port, 'ward', [request('INVITE', { sdp: 'sendrecv', more: 'Supported: timer\nSession-Expires: 120;refresher=uac\n' }), ...answered,
    response(200, { check: ['Session-Expires: 120;refresher=uac', 'Require: timer'] }), request('ACK', { within: true }),
    request('BYE', { cseq: 2, within: true }), response(200)]);
  await sipp(port, 'ward', [request('INVITE', { sdp: 'sendrecv', more: 'Supported: timer\nSession-Expires: 30\n' }),
    response(100, { optional: true }), response(422, { check: ['Min-SE: 90'] }), request('ACK', { within: true, refused: true })]);
}));

test('who asks too much is told to wait, and others are not', options, rig.test(async () => {
  const other = await freePorts(1);
  const server = await startServer({ organisation, config: { sip: { port: other, address: '127.0.0.1', requests_per_second: 1 } } });
  try {
    const ask = [request('OPTIONS'), response(200)];
    await sipp(other, 'ward', ask, { calls: 10, rate: 50 });
    await sipp(other, 'ward', [request('OPTIONS'), response(503, { check: ['Retry-After: [1-9]'] })]);
    assert.ok(await server.metric('viadux_sip_turned_away_total', 'why="rate"') >= 1);
  } finally {
    await server.stop();
  }
}));

test('what is no SIP, or too large, harms nobody', options, rig.test(async () => {
  const socket = createSocket('udp4');
  const send = (data) => new Promise((done) => socket.send(data, port, '127.0.0.1', done));
  for (const text of ['', '\0', '\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'INVITE sip:ward SIP/2.0\r\n\r\n', 'SIP/2.0 200 OK\r\nCSeq: x\r\n\r\n',
    `INVITE sip:${'x'.repeat(60000)}@127.0.0.1 SIP/2.0\r\n\r\n`]) await send(Buffer.from(text));
  socket.close();
  await sipp(port, 'ward', [request('OPTIONS'), response(200)]);
  await none();
}));

test('a port that is taken is said in /readyz, and the server runs', options, rig.test(async () => {
  const server = await startServer({ organisation, config });
  try {
    const { status } = await server.get('/readyz');
    const text = await (await server.get('/readyz')).text();
    assert.equal(status, 200);
    assert.match(text, new RegExp(`cannot listen on 127\\.0\\.0\\.1, port ${port}`));
  } finally {
    await server.stop();
  }
}));

test('a stopping server takes no calls, and says BYE to those that run', options, rig.test(async () => {
  const other = await freePorts(1);
  const server = await startServer({ organisation, config: { sip: { port: other, address: '127.0.0.1' }, control: { drain_timeout: '2s' } } });
  const call = sipp(other, 'ward', [request('INVITE', { sdp: 'sendrecv' }), ...answered, response(200), request('ACK', { within: true }),
    asked('BYE', { check: ['Reason:.*The server is about to stop'] }), reply('200 OK')]);
  await until(() => server.metric('viadux_sip_calls_total', 'outcome="answered"'), { what: 'the call' });
  server.child.kill('SIGTERM');
  await until(async () => (await server.get('/readyz')).status === 503, { what: '/readyz to say 503' });
  await sipp(other, 'ward', refused(503, ['Retry-After: [1-9]']));
  await call;
  const begun = Date.now();
  await server.stop();
  assert.ok(Date.now() - begun < 9000, `it ended ${Date.now() - begun} ms after its calls`);
}));
