// What a writer of policies has: new, check, run, test and watch beside the file, trace, list and reload of a running
// server, and the page for those with the role.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { binary } from '../harness/server.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { join } from './offer.mjs';

const toml = (name) => `name = "${name}"\ndomains = ["${name}.example"]\n[rooms_on_demand]\nenabled = true\n`;
const rig = useRig({ server: { organisations: { clinic: { 'organisation.toml': toml('clinic') }, other: { 'organisation.toml': toml('other') } } } });
const folder = () => path(rig.server.folder, 'organisations/clinic');
const viadux = (...words) => new Promise((done) => {
  execFile(binary('viadux'), [...words, '--config', rig.server.configFile], (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }));
});

const mistaken = `function hooks.admit(person)
  if person.protocoll == "sip" then total = 1 end
  return { admited = true }
end
function hooks.admitt(person) end
`;
const good = `function hooks.admit(person)
  note("asked by " .. person.protocol)
  if person.room == "closed" then return { admitted = false, message = "Closed, " .. person.display_name } end
  return parent.admit(person)
end
`;
const cases = `return {
  { name = "closed is closed", hook = "admit", input = { room = "closed" }, expect = { admitted = false } },
  { name = "open is open", hook = "admit", input = { room = "open" }, expect = { admitted = true } },
}
`;

test('new writes a policy that has no mistakes and passes its cases', rig.test(async () => {
  const made = await viadux('policy', 'new', 'clinic');
  assert.equal(made.code, 0, made.stderr);
  assert.match(readFileSync(path(folder(), 'viadux.lua'), 'utf8'), /---@class/);
  assert.equal((await viadux('policy', 'check', '--organisation', 'clinic')).code, 0);
  assert.match((await viadux('policy', 'test', '--organisation', 'clinic')).stdout, /[1-9]\d* well, 0 wrong/);
  const again = await viadux('policy', 'new', 'clinic');
  assert.notEqual(again.code, 0, 'nothing is written over');
  const preset = await viadux('policy', 'new', 'clinic', '--preset', 'sensitiv_room');
  assert.match(preset.stderr, /sensitive_room/, 'the nearest right name');
}));

test('check finds mistakes with line, column and the right name', rig.test(async () => {
  const file = path(rig.server.folder, 'mistaken.lua');
  writeFileSync(file, mistaken);
  const { code, stderr } = await viadux('policy', 'check', '--file', file);
  assert.notEqual(code, 0);
  for (const line of [/:2:\d+: .*'protocoll' \(did you mean "protocol"\?\)/, /:2:\d+: .*total/, /:3:\d+: .*'admited' \(did you mean "admitted"\?\)/, /:5:\d+: .*'admitt' \(did you mean "admit"\?\)/])
    assert.match(stderr, line);
}));

test('run shows the decision and why, test says which case is wrong', rig.test(async () => {
  writeFileSync(path(folder(), 'policy.lua'), good);
  writeFileSync(path(folder(), 'policy.test.lua'), cases);
  const question = path(rig.server.folder, 'question.json');
  writeFileSync(question, '{"room":"closed","display_name":"Anna"}');
  const run = await viadux('policy', 'run', 'admit', '--organisation', 'clinic', '--input', question);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /answer +\{"admitted":false,"message":"Closed, Anna"\}/);
  assert.match(run.stdout, /why +clinic\/policy.lua/);
  writeFileSync(question, '{"rooom":"closed"}');
  assert.match((await viadux('policy', 'run', 'admit', '--organisation', 'clinic', '--input', question)).stderr, /rooom/);
  assert.match((await viadux('policy', 'test', '--organisation', 'clinic')).stdout, /2 well, 0 wrong/);
  writeFileSync(path(folder(), 'policy.test.lua'), cases.replace('"open is open"', '"wrong"').replace('admitted = true', 'admitted = false'));
  const wrong = await viadux('policy', 'test', '--organisation', 'clinic');
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stdout, /WRONG +admit +wrong/);
  writeFileSync(path(folder(), 'policy.test.lua'), cases);
}));

test('watch does both again when a file is saved', rig.test(async () => {
  const watch = spawn(binary('viadux'), ['policy', 'watch', '--organisation', 'clinic', '--config', rig.server.configFile]);
  let out = '';
  for (const stream of [watch.stdout, watch.stderr]) stream.on('data', (text) => { out += text; });
  const ended = new Promise((done) => { watch.on('exit', done); });
  try {
    await until(() => /2 well[^]*waiting for a change/.test(out), { what: 'the first look', timeout: 20000 });
    out = '';
    writeFileSync(path(folder(), 'policy.lua'), mistaken);
    await until(() => /did you mean "admit"[^]*waiting for a change/.test(out), { what: 'the mistake', timeout: 20000 });
    out = '';
    writeFileSync(path(folder(), 'policy.lua'), good);
    await until(() => /2 well[^]*waiting for a change/.test(out), { what: 'all well again', timeout: 20000 });
  } finally {
    watch.kill();
    await ended;
  }
}));

test('trace and list show what the server decided, with nobody\'s name', rig.test(async () => {
  const reload = await viadux('policy', 'reload');
  assert.equal(reload.code, 0, reload.stderr);
  assert.equal((await join(rig.server, 'closed@clinic.example')).status, 403);
  assert.equal((await join(rig.server, 'open@other.example')).status, 201);
  const trace = (await viadux('policy', 'trace', '--organisation', 'clinic')).stdout;
  assert.match(trace, /admit +clinic +policy/);
  assert.match(trace, /note +asked by whip/);
  assert.match(trace, /"room":"closed"/);
  assert.doesNotMatch(trace, /Closed,|127\.0\.0\.1|other/, 'what is personal is masked, what is others\' is theirs');
  assert.match((await viadux('policy', 'list')).stdout, /clinic +\S+ +[1-9]/);
}));

test('the page shows it to those with the role, and to their own organisation\'s alone', rig.test(async () => {
  const token = async (role, organisation) => {
    const made = await viadux('token', 'new', '--role', role, '--organisation', organisation, '--label', 'test');
    assert.equal(made.code, 0, made.stderr);
    return /vdx_\S+/.exec(made.stdout)[0];
  };
  const state = async (bearer) => rig.server.get('/policy/state', bearer ? { headers: { Authorization: `Bearer ${bearer}` } } : {});
  assert.equal((await state()).status, 401);
  assert.equal((await state(await token('viewer', 'clinic'))).status, 403);
  const writer = await token('policy_writer', 'clinic');
  const shown = await (await state(writer)).json();
  assert.deepEqual(shown.organisations.map((each) => each.organisation), ['clinic']);
  assert.ok(shown.organisations[0].by_hook.admit >= 1);
  assert.ok(shown.traces.length && shown.traces.every((each) => each.organisation === 'clinic'));

  const page = await rig.browser.open(`${rig.server.url}/policy/`);
  await page.fill('#token', writer);
  await page.click('button');
  await page.waitForSelector('#shown:not([hidden])');
  const text = await page.textContent('main');
  assert.match(text, /clinic\/policy\.lua/);
  assert.match(text, /admit [1-9]/);
  assert.doesNotMatch(text, /Closed,/);
}));
