// Organisations with rules of their own in one server: the same request, different answers; and what a bad policy costs
// the others.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { participants } from '../harness/participants.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { join } from './offer.mjs';

const toml = (name, more = '') => `name = "${name}"\ndomains = ["${name}.example"]\n${more}
[rooms_on_demand]
enabled = true
max = 5000
[[room]]
alias = "ward"
host_pin = "2468"
`;
const organisations = {
  north: {
    'organisation.toml': toml('north'),
    'policy.lua': `
function hooks.admit(person)
  if person.authenticated == "none" then
    return { admitted = false, message = "Please use the link in your invitation." }
  end
  return { admitted = true }
end
`,
  },
  south: {
    'organisation.toml': toml('south'),
    'policy.lua': `
function hooks.service(call)
  if call.room == "old" then return { action = "redirect", address = "ward@south.example" } end
  if call.room == "closed" then return { action = "reject", message = "The clinic is closed." } end
  return parent.service(call)
end
`,
  },
  'south-clinic': { 'organisation.toml': toml('clinic', 'parent = "south"') },
  loops: { 'organisation.toml': toml('loops'), 'policy.lua': 'function hooks.admit(person) while true do end end\n' },
  bombs: {
    'organisation.toml': toml('bombs'),
    'policy.lua': `
function hooks.admit(person)
  local kept = {}
  while true do pcall(function() while true do kept[#kept + 1] = string.rep("x", 60000) end end) end
end
`,
  },
  broken: { 'organisation.toml': toml('broken'), 'policy.lua': 'function hooks.admit(person) return { admitted = true\n' },
};
const rig = useRig({ server: { organisations }, browser: false });

test('the same request gets each organisation\'s own answer', rig.test(async () => {
  const north = await join(rig.server, 'meeting@north.example');
  assert.deepEqual([north.status, north.reason, north.message],
    [403, 'policy_refused', 'Please use the link in your invitation.']);
  assert.equal((await join(rig.server, 'meeting@south.example')).status, 201);
  assert.equal((await join(rig.server, 'ward@north.example', { pin: '2468' })).status, 201, 'who has a PIN is known better');
  assert.equal((await join(rig.server, 'ward@north.example', { pin: '1111' })).reason, 'pin_wrong', 'the room speaks first');
}));

test('a policy redirects and rejects, and holds for the organisations below', rig.test(async () => {
  const closed = await join(rig.server, 'closed@south.example');
  assert.deepEqual([closed.status, closed.reason, closed.message], [403, 'policy_refused', 'The clinic is closed.']);
  assert.equal((await join(rig.server, 'old@south.example', { pin: '9999' })).reason, 'pin_wrong', 'it is the ward\'s PIN');
  assert.equal((await join(rig.server, 'old@south.example', { pin: '2468' })).status, 201);
  assert.equal((await join(rig.server, 'closed@clinic.example')).message, 'The clinic is closed.');
}));

test('a policy that fails closes its own door and no other', rig.test(async () => {
  for (const name of ['loops', 'bombs', 'broken']) {
    const refused = await join(rig.server, `meeting@${name}.example`);
    assert.deepEqual([refused.status, refused.reason], [503, 'policy_unavailable'], name);
  }
  // While both are asked all the time, the others are let in as ever. How long that takes is the machine's affair; that
  // nobody's decision is given up for want of time is ours.
  let going = true;
  const refusals = { loops: 0, bombs: 0 };
  const noise = Object.keys(refusals).map(async (name) => {
    while (going) refusals[name] += (await join(rig.server, `meeting@${name}.example`)).status === 503;
  });
  const times = [];
  const before = { ...refusals };
  for (let i = 0; i < 40; i++) {
    const in_south = await join(rig.server, 'meeting@south.example');
    assert.equal(in_south.status, 201, `the ${i + 1}th: a decision that is not made in time would be a 503`);
    times.push(in_south.ms);
  }
  for (const name of Object.keys(refusals)) assert.ok(refusals[name] > before[name], `${name} was asked in the meantime`);
  await until(async () => await rig.server.metric('viadux_policy_breakers_open') >= 1,
    { what: 'who fails all the time not to be asked for a while', timeout: 60000 });
  going = false;
  await Promise.all(noise);
  times.sort((a, b) => a - b);
  console.log(`joined beside a loop and a bomb: median ${times[20].toFixed(1)} ms, worst ${times.at(-1).toFixed(1)} ms`);
  const ready = await (await rig.server.get('/readyz')).json();
  assert.match(ready.conditions.policies.message, /broken has a policy that is refused/);
  assert.equal(ready.ready, true);
}));

test('sound and picture of others lose nothing beside a loop and a bomb', rig.test(async () => {
  let going = true;
  let asked = 0;
  const noise = ['loops', 'bombs'].map(async (name) => {
    while (going) asked += (await join(rig.server, `meeting@${name}.example`)).status === 503;
  });
  const report = await participants(rig.server, 'pairs', 3, '--bitrate', 300000, '--paced', '--duration', 8);
  going = false;
  await Promise.all(noise);
  assert.deepEqual(report.problems, []);
  assert.equal(report.received.missing, 0);
  assert.ok(report.received.expected > 3 * 2 * 8 * 50, 'sound alone is 50 packets a second');
  assert.ok(asked > 10, `they were asked all the time: ${asked} times`);
}));

test('a reload takes good policies over and keeps the old one of a bad one', rig.test(async () => {
  const file = path(rig.server.folder, 'organisations/north/policy.lua');
  const reloads = () => rig.server.log().split('policies are loaded').length;
  const reload = async () => {
    const before = reloads();
    rig.server.child.kill('SIGHUP');
    await until(() => reloads() > before, { what: 'the reload' });
  };
  writeFileSync(file, 'function hooks.admitt(person) end\n');
  await reload();
  assert.equal((await join(rig.server, 'meeting@north.example')).reason, 'policy_refused', 'the old one stays');
  writeFileSync(file, 'function hooks.admit(person) return { admitted = true } end\n');
  writeFileSync(path(rig.server.folder, 'organisations/north/policy.test.lua'),
    'return { { hook = "admit", input = {}, expect = { admitted = false } } }\n');
  await reload();
  assert.equal((await join(rig.server, 'meeting@north.example')).reason, 'policy_refused', 'its own test fails: refused');
  writeFileSync(path(rig.server.folder, 'organisations/north/policy.test.lua'),
    'return { { hook = "admit", input = {}, expect = { admitted = true } } }\n');
  await reload();
  assert.equal((await join(rig.server, 'meeting@north.example')).status, 201);
  assert.doesNotMatch(rig.server.log(), /invitation/, 'what a policy says is not in the log');
}));
