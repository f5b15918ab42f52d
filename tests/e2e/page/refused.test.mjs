// What the page says where it is refused: in words that a citizen understands, and without asking for ever.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { binary } from '../harness/server.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';

const organisation = `name = "Region Nord"
[rooms_on_demand]
enabled = true
[[room]]
alias = "full"
participants_max = 1
[[room]]
alias = "locked"
lock_at = 1
lobby_when_locked = false
[[room]]
alias = "hosts"
host_pin = "1234"
guest_pin = "5678"
guests_allowed = false
[[room]]
alias = "pin"
host_pin = "1234"
guest_pin = "5678"
`;
const rig = useRig({ server: { organisation } });

const join = (alias) => fetch(`${rig.server.url}/api/client/v2/conferences/${alias}/request_token`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ display_name: 'Somebody' }),
}).then((response) => assert.equal(response.status, 200));

const answered = (page) => until(() => page.evaluate(() => globalThis.viadux.store.state.phase !== 'joining' && globalThis.viadux.store.state.problem), { what: 'an answer' });

// Joins at `path` and gives back what the page then says.
async function said(person, path, pin) {
  await person.page.goto(rig.server.url + path);
  await person.page.waitForSelector('#name');
  await person.page.fill('#name', 'bo');
  await person.page.click('#join');
  if (pin) {
    await person.page.fill('#pin', pin);
    await person.page.click('#with-pin');
  }
  await answered(person.page);
  return person.text('#problem');
}

test('each refusal is told in words, and one may try again', rig.test(async () => {
  const bo = await open(rig, { name: 'bo', hertz: 600 });
  await join('full');
  await join('locked');
  assert.match(await said(bo, '/full'), /The meeting is full/);
  assert.match(await said(bo, '/locked'), /The meeting is locked. Ask the host/);
  assert.match(await said(bo, '/no%20such%20room'), /There is no such meeting/);
  assert.match(await said(bo, '/pin', '9999'), /That PIN is wrong/);
  for (let i = 0; i < 12 && !/Too many wrong PINs/.test(await bo.text('#problem')); i++) {
    await bo.page.click('#with-pin');
    await answered(bo.page);
  }
  assert.match(await bo.text('#problem'), /Too many wrong PINs were tried. Wait some minutes/);
  assert.match(await said(bo, '/hosts?pin=5678'), /Only hosts can join/);
  await bo.page.addInitScript(() => { if (location.hash === '#old') delete globalThis.RTCPeerConnection; });
  assert.match(await said(bo, '/demo#old'), /This browser cannot take part/);
  // Without a network there is nothing to ask; with one, the same button goes in.
  await bo.page.goto(`${rig.server.url}/demo`);
  await bo.page.waitForSelector('.preview video');
  await bo.page.fill('#name', 'bo');
  await bo.context.setOffline(true);
  await bo.page.click('#join');
  await answered(bo.page);
  assert.match(await bo.text('#problem'), /no connection to the server/);
  await bo.context.setOffline(false);
  await bo.page.click('#join');
  await bo.inside();
  bo.errors.length = 0;
  await bo.close();
}));

// Answers the first `count` calls for media with `status`; the offers are kept.
async function refuseCalls(person, status, count = Infinity) {
  const offers = [];
  await person.page.route(/\/calls$/, (route) => {
    offers.push(route.request().postDataJSON().sdp);
    return offers.length > count ? route.continue() : route.fulfill({ status, json: { status: 'failed', result: 'no' } });
  });
  return offers;
}

test('an offer that the server does not take is made once, and the page says so', rig.test(async () => {
  const bo = await open(rig, { name: 'bo', hertz: 600 });
  const offers = await refuseCalls(bo, 400);
  await bo.join();
  await bo.page.waitForSelector('.card.centre');
  assert.match(await bo.text('h1'), /Sound and picture could not be started/);
  await bo.page.waitForTimeout(1500); // longer than it waits before the first new try
  assert.equal(offers.length, 1);
  // Twelve pictures, slides, what is shared; all of it well under what the core reads (64 KiB).
  assert.equal(offers[0].match(/^m=video/gm).length, 14);
  console.log(`the offer has ${offers[0].length} bytes`);
  assert.ok(offers[0].length < 60000, `${offers[0].length} bytes`);
  await bo.close();
}));

test('a server that is busy is asked again, with a growing wait, and then it goes on', rig.test(async () => {
  const bo = await open(rig, { name: 'bo', hertz: 600 });
  const offers = await refuseCalls(bo, 503, 2);
  await bo.join();
  await bo.inside();
  await until(async () => (await bo.media()).state === 'connected', { what: 'media to be there' });
  assert.equal(offers.length, 3);

  // What went wrong is in the server's memory, for operators: no names.
  const token = execFileSync(binary('viadux'), ['token', 'new', '--role', 'operator', '--config', rig.server.configFile], { encoding: 'utf8' }).trim();
  const slot = await bo.page.evaluate(() => localStorage.getItem('viadux.log'));
  const log = async (headers = {}) => rig.server.get(`/api/client/v2/client_logs/${slot}`, { headers });
  const text = await until(async () => {
    const got = await (await log({ Authorization: `Bearer ${token}` })).text();
    return /connect \w+ 503/.test(got) && got;
  }, { what: 'the log of what went wrong' });
  assert.doesNotMatch(text, /\bbo\b/);
  assert.equal((await log()).status, 403);
  await bo.close();
}));

test('an offer that would be too long is made with fewer pictures', rig.test(async () => {
  const bo = await open(rig, { name: 'bo', hertz: 600 });
  const offers = await refuseCalls(bo, 503, 0);
  await bo.page.evaluate(() => { // a browser that says four times as much about itself
    const { get } = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, 'localDescription');
    Object.defineProperty(RTCPeerConnection.prototype, 'localDescription', { get() {
      const { type, sdp } = get.call(this);
      return { type, sdp: sdp.replace(/(?=^a=mid:)/gm, `a=x-long:${'x'.repeat(4000)}\r\n`) };
    } });
  });
  await bo.join();
  await bo.inside();
  await until(async () => (await bo.media()).state === 'connected', { what: 'media to be there' });
  assert.ok(offers[0].length <= 65536);
  assert.ok(offers[0].match(/^m=video/gm).length < 14);
  await bo.close();
}));

test('where nothing gets through, the page says so after some tries', { skip: !process.env.VIADUX_LONG }, rig.test(async () => {
  const bo = await open(rig, { name: 'bo', hertz: 600 });
  let calls = 0;
  await bo.page.route(/\/calls$/, async (route) => {
    calls += 1;
    const response = await route.fetch();
    const answer = await response.json();
    answer.result.sdp = answer.result.sdp.replace(/^a=candidate:.*\r?\n/gm, '');
    return route.fulfill({ response, json: answer });
  });
  await bo.join();
  await bo.page.waitForSelector('.card.centre', { timeout: 90000 });
  assert.match(await bo.text('h1'), /No sound or picture gets through/);
  assert.equal(calls, 4);
  await bo.close();
}));
