// What an organisation's policy decides about people who come by the client API: each hook where its feature is.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { offer } from '../policy/offer.mjs';
import { Api } from './api.mjs';

const organisation = `name = "Tests"
domains = ["tests.example"]
[rooms_on_demand]
enabled = true
max = 5000
[[room]]
alias = "known"
host_pin = "1234"
guests_without_pin = true
[[turn]]
name = "north"
urls = ["turn:127.0.0.1:9?transport=udp", "turn:127.0.0.1:9?transport=tcp"]
secret = "env:VIADUX_TEST_TURN"
`;
process.env.VIADUX_TEST_TURN = 'another-secret-of-the-test';
const policy = `
local function starts(room, what) return text.starts_with(room, what) end
function hooks.admit(person)
  if person.room == "known" and person.authenticated ~= "pin" then
    return { admitted = false, message = "Only with the PIN." }
  end
  return parent.admit(person)
end
function hooks.media(person)
  if starts(person.room, "narrow") and person.domain == "127.0.0.1" and person.protocol == "client" then
    return { max_send_bps = 350000, max_receive_bps = 250000, turn = { "north" }, relay_only = true }
  end
  return { turn = {} }
end
function hooks.layout(question)
  if starts(question.room, "fixed") then return { allowed = question.change ~= "spotlight" } end
  if starts(question.room, "broken") then error("a mistake") end
end
function hooks.theme(question)
  if starts(question.room, "winter") then return { theme = "winter", welcome = "Ave, " .. question.language } end
  if starts(question.room, "broken") then error("a mistake") end
end
function hooks.avatar(question)
  if question.role == "host" then return { picture = "host.jpg" } end
end
function hooks.client_log(question)
  if starts(question.room, "broken") then error("a mistake") end
  return { accepted = not starts(question.room, "quiet") }
end
`;
const rig = useRig({ browser: false, server: { organisation, organisations: {} } });
const api = (alias) => new Api(rig.server, alias);
test('the policy is taken over by itself', rig.test(async () => {
  const folder = path(rig.server.folder, 'organisations/tests');
  for (const [name, text] of [['theme/theme.json', '{"welcome":"Hello","background":"b.png"}'], ['theme/b.png', 'all year'], ['theme/host.jpg', 'a host'],
    ['themes/winter/theme.json', '{"logo":"snow.svg"}'], ['themes/winter/b.png', 'snow'], ['themes/winter/snow.svg', '<svg/>']]) {
    mkdirSync(path(folder, name, '..'), { recursive: true });
    writeFileSync(path(folder, name), text);
  }
  writeFileSync(path(folder, 'policy.lua'), policy);
  await until(async () => (await api('known').join({}, { pin: 'none' })).code === 403, { what: 'the policy', timeout: 30000 });
}));

test('it is told of the PIN, also of who comes back after a restart', rig.test(async () => {
  const refused = await api('known').join({}, { pin: 'none' });
  assert.deepEqual([refused.code, refused.result], [403, 'Only with the PIN.']);
  const anna = api('known');
  assert.equal((await anna.join({}, { pin: '1234' })).result.role, 'HOST');
  await rig.server.crash();
  await rig.server.start();
  const back = await anna.post('refresh_token');
  assert.deepEqual([back.code, back.result.role], [200, 'HOST']);
}));

test('bandwidth, TURN servers and relaying stand in the token, and hold for the call', rig.test(async () => {
  const anna = api(room('narrow'));
  const { result } = await anna.join();
  assert.deepEqual([result.bandwidth_in, result.bandwidth_out, result.use_relay_candidates_only], [350, 250, true]);
  assert.equal(result.turn.length, 1);
  const [turn] = result.turn;
  assert.ok(turn.urls.every((url) => url.startsWith('turn:127.0.0.1:9')) && turn.urls.length > 0);
  assert.match(turn.username, /^[0-9]+:viadux$/);
  assert.match(turn.credential, /^[A-Za-z0-9+/]+=*$/);
  const call = await anna.me('calls', { call_type: 'WEBRTC', sdp: offer });
  assert.equal(call.code, 200);
  assert.equal(call.result.turn.length, 1);

  const bo = api(room('wide'));
  const usual = (await bo.join()).result;
  assert.deepEqual(usual.turn, []);
  for (const name of ['bandwidth_in', 'bandwidth_out', 'use_relay_candidates_only']) assert.ok(!(name in usual), name);
  const elsewhere = api(`${room('narrow')}@tests.example`);
  assert.deepEqual((await elsewhere.join()).result.turn, [], 'the domain is the one that was dialled');
}));

test('it says who may change what all see, and a mistake in it stops nobody', rig.test(async () => {
  const layout = { transforms: { layout: '1:0' } };
  for (const [name, code] of [['fixed', 403], ['broken', 200], ['any', 200]]) {
    const anna = api(room(name));
    await anna.join();
    const spot = await anna.me('spotlighton');
    assert.equal(spot.code, code, name);
    if (code === 403) assert.equal(spot.result, 'Your organisation does not allow this');
    assert.equal((await anna.post('transform_layout', layout)).code, 200, name);
  }
}));

test('it chooses theme and avatar; where it fails the organisation\'s own counts', rig.test(async () => {
  const theme = async (alias, file = 'theme.json') => {
    const answer = await rig.server.get(`/branding/${alias}/${file}`, { headers: { 'Accept-Language': 'da-DK,en;q=0.5' } });
    return answer.headers.get('content-type').startsWith('application/json') ? answer.json() : answer.text();
  };
  assert.deepEqual(await theme('winter-1'), { logo: 'snow.svg', welcome: 'Ave, da', background: 'b.png', name: 'Tests' });
  assert.equal(await theme('winter-1', 'b.png'), 'snow');
  for (const alias of ['summer', 'broken-1']) {
    assert.equal((await theme(alias)).welcome, 'Hello', alias);
    assert.equal(await theme(alias, 'b.png'), 'all year', alias);
  }
  const anna = api(room('winter'));
  await anna.join();
  const { result } = await anna.read('theme/');
  assert.equal(result.direct_media_welcome.elements[0].text, 'Ave, ');
  const picture = await rig.server.get(`${anna.base}/theme/${result.direct_media_welcome.background.path}?token=${anna.token}`);
  assert.equal(await picture.text(), 'snow');
  assert.equal(await (await rig.server.get(`${anna.base}/participants/${anna.uuid}/avatar.jpg?token=${anna.token}`)).text(), 'a host');
}));

test('it may refuse what browsers report; where it fails nothing is kept', rig.test(async () => {
  const log = { slot: 'slot-of-the-test', begin: true, lines: ['something'] };
  for (const [name, code] of [['quiet', 403], ['any', 200], ['broken', 403]]) {
    const anna = api(room(name));
    await anna.join();
    assert.equal((await anna.me('client_log', log)).code, code, name);
  }
}));
