// What RFC 9725 says of headers and status codes, and an ICE restart by PATCH in a call that goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const rig = useRig();
const fragment = 'application/trickle-ice-sdpfrag';

test('a publisher\'s resource takes candidates, guards its ETag, and is gone after DELETE', rig.test(async () => {
  const sender = await publish(rig.browser, rig.server, room('protocol'));
  const patch = (headers, body = `a=ice-ufrag:${/ice-ufrag:(\S+)/.exec(sender.offer)[1]}\r\n`) =>
    rig.server.get(sender.location, { method: 'PATCH', headers, body });
  const etag = `"${/ice-ufrag:(\S+)/.exec(sender.answer)[1]}"`;

  assert.equal((await patch({ 'Content-Type': fragment, 'If-Match': etag })).status, 204);
  assert.equal((await patch({ 'Content-Type': fragment })).status, 428);
  assert.equal((await patch({ 'Content-Type': fragment, 'If-Match': '"other"' })).status, 412);
  assert.equal((await patch({ 'Content-Type': 'text/plain', 'If-Match': etag })).status, 415);
  const wrong = await patch({ 'Content-Type': fragment, 'If-Match': etag }, 'a=ice-ufrag:nobody\r\n');
  assert.equal(wrong.status, 400);
  assert.equal((await wrong.json()).reason, 'ice_ufrag_unknown');

  assert.equal((await rig.server.get(sender.location)).status, 405);
  const options = await rig.server.get('/whip/any', { method: 'OPTIONS', headers: { Origin: 'https://elsewhere.example',
    'Access-Control-Request-Method': 'POST' } });
  assert.ok(options.status < 300 && options.headers.get('access-control-allow-origin'));
  const asked = await rig.server.get('/whip/any', { method: 'OPTIONS' }); // as GStreamer does
  assert.equal(asked.headers.get('accept-post'), 'application/sdp');
  assert.equal(asked.headers.get('allow'), 'POST, OPTIONS');

  assert.equal(await sender.leave(), 200);
  assert.equal((await rig.server.get(sender.location, { method: 'DELETE' })).status, 404);
}));

test('an ICE restart changes both sides\' credentials and the picture goes on', rig.test(async () => {
  const alias = room('restart');
  const sender = await publish(rig.browser, rig.server, alias);
  const viewer = await play(rig.browser, rig.server, alias);
  await until(async () => (await viewer.stats()).video?.frames >= 20, { what: '20 decoded frames', timeout: 20000 });

  const offered = await sender.page.evaluate(() => globalThis.rtc.restartIce());
  const credentials = (sdp) => [/ice-ufrag:(\S+)/.exec(sdp)[1], /ice-pwd:(\S+)/.exec(sdp)[1]];
  const [ufrag, pwd] = credentials(offered);
  const answer = await rig.server.get(sender.location, { method: 'PATCH', headers: { 'Content-Type': fragment, 'If-Match': '*' },
    body: `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\n` });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), fragment);
  const text = await answer.text();
  const [ours, secret] = credentials(text);
  assert.notEqual(ours, credentials(sender.answer)[0]);
  assert.equal(answer.headers.get('etag'), `"${ours}"`);
  assert.match(text, /a=candidate:/);

  const renewed = sender.answer.replace(/a=ice-ufrag:\S+/g, `a=ice-ufrag:${ours}`).replace(/a=ice-pwd:\S+/g, `a=ice-pwd:${secret}`);
  await sender.page.evaluate((sdp) => globalThis.rtc.accept(sdp), renewed);
  const before = (await viewer.stats()).video.frames;
  await until(async () => (await viewer.stats()).video.frames >= before + 30, { what: '30 frames after the restart', timeout: 20000 });
  await viewer.leave();
  await sender.leave();
}));
