// Two unmodified clients meet: who sees and hears whom is told by colour and tone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { blue, openClient, red, startApp } from './app/app.mjs';

const rig = useRig();
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());
const open = (alias) => openClient(rig.browser, app, rig.server, alias);

test('two clients see and hear each other, know each other, chat, and leave', rig.test(async () => {
  const alias = room('meet');
  const anna = await open(alias);
  const bo = await open(alias);
  const joined = await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 });
  assert.equal(joined.status, 200, JSON.stringify(joined));
  assert.equal((await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 })).status, 200);
  await anna.sees(blue);
  await bo.sees(red);
  await anna.hears(1000);
  await bo.hears(600);
  assert.ok(!(await anna.tones()).includes(600), 'nobody hears themselves');

  await anna.knows((people) => people.length === 2 && people.some((p) => p.displayName === 'Bo'), 'Anna to know Bo');
  await anna.call('sendMessage', { type: 'text/plain', payload: 'hej <Bo>' });
  const [message] = await until(async () => { const m = await bo.happened('onMessage'); return m.length && m; }, { what: 'the message' });
  assert.equal(message.message, 'hej <Bo>');
  assert.equal(message.displayName, 'Anna');
  assert.equal((await anna.happened('onMessage')).length, 0, 'no echo to the sender');

  await bo.leave();
  await anna.knows((people) => people.length === 1, 'Bo to be gone');
  await anna.leave();
  await until(async () => (await rig.server.metric('viadux_client_participants')) === 0, { what: 'nobody to be left' });
}));

test('three hear both others by their one line; who is alone sees a still that goes on, and never reconnects', rig.test(async () => {
  const alias = room('three');
  const anna = await open(alias);
  assert.equal((await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 })).status, 200);
  await until(async () => (await anna.frames()) >= 5, { what: 'the still to be shown', timeout: 30000 });
  const before = await anna.frames();
  await new Promise((done) => setTimeout(done, 4000));
  assert.ok((await anna.frames()) - before >= 8, 'two frames a second at least');

  const bo = await open(alias);
  const carl = await open(alias);
  assert.equal((await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 })).status, 200);
  assert.equal((await carl.join({ displayName: 'Carl', colour: 'green', hertz: 1700 })).status, 200);
  const everybody = [[anna, 600], [bo, 1000], [carl, 1700]];
  for (const [listener, own] of everybody) {
    for (const [, hertz] of everybody) if (hertz !== own) await listener.hears(hertz);
    assert.ok(!(await listener.tones()).includes(own), 'nobody hears themselves');
  }
  for (const [client] of everybody) await client.leave();
}));
