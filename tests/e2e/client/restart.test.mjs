// kill -9 of the server in a meeting, and a restart: media is back, and nobody has joined anew.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';
import { blue, openClient, red, startApp } from './app/app.mjs';

const rig = useRig();
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

test('after a crash and a restart both clients are back with their names and their media', rig.test(async () => {
  const alias = room('crash');
  const anna = await openClient(rig.browser, app, rig.server, alias);
  const bo = await openClient(rig.browser, app, rig.server, alias);
  await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 });
  await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 });
  await anna.sees(blue);
  await bo.sees(red);
  await anna.settled();
  await bo.settled();
  const before = (await anna.me()).uuid;

  await rig.server.crash();
  const began = Date.now();
  await rig.server.start();
  const frames = [await anna.frames(), await bo.frames()];
  await until(async () => (await anna.frames()) > frames[0] + 20 && (await bo.frames()) > frames[1] + 20,
    { what: 'pictures to move again', timeout: 60000 });
  await anna.sees(blue);
  await bo.sees(red);
  await anna.hears(1000);
  await bo.hears(600);
  console.log(`# media was back ${Date.now() - began} ms after the crash`);
  assert.equal((await anna.me()).uuid, before, 'the participant has kept its id');
  assert.equal((await anna.happened('onDisconnected')).length, 0);
  assert.equal((await anna.happened('onAuthenticatedWithConference')).length, 1, 'nobody has joined anew');
  await anna.knows((people) => people.length === 2, 'a roster of two');
  assert.equal(await rig.server.metric('viadux_client_revived_total'), 2);
  await anna.leave();
  await bo.leave();
}));

test('a host comes back as a host without its PIN; who was put out or has left does not', rig.test(async () => {
  const [host, guest, removed, left, demoted] = Array.from({ length: 5 }, () => new Api(rig.server, 'test'));
  await host.join({ display_name: 'Host' }, { pin: '1234' });
  for (const each of [guest, removed, left]) assert.equal((await each.join({}, { pin: 'none' })).result.role, 'GUEST');
  await demoted.join({ display_name: 'Was a host' }, { pin: '1234' });
  await host.to(demoted, 'role', { role: 'guest' });
  await host.to(removed, 'disconnect');
  await left.post('release_token');
  await rig.server.crash();
  await rig.server.start();

  const stream = await guest.events(); // the first thing that a client does may be its stream
  assert.equal(stream.code, 200);
  const back = await host.post('refresh_token');
  assert.deepEqual([back.code, back.result.role], [200, 'HOST']);
  await until(() => stream.of('participant_create').some((p) => p.uuid === host.uuid && p.role === 'chair'), { what: 'the host to be back' });
  assert.equal((await host.to(guest, 'mute')).code, 200);
  assert.equal((await demoted.post('refresh_token')).result.role, 'GUEST', 'by a token of when it was a host');
  assert.equal((await removed.post('refresh_token')).code, 401);
  assert.equal((await left.post('refresh_token')).code, 401);
  // Ten requests at once bring one participant in, not ten.
  const alone = new Api(rig.server, 'demo');
  await alone.join();
  await rig.server.crash();
  await rig.server.start();
  const answers = await Promise.all(Array.from({ length: 10 }, () => alone.read('participants')));
  for (const answer of answers) assert.deepEqual(answer.result.map((p) => p.uuid), [alone.uuid]);
}));

test('while the server starts it says so, and never that there is nothing', rig.test(async () => {
  const anna = new Api(rig.server, 'demo');
  await anna.join();
  for (let round = 0; round < 3; round++) {
    await rig.server.crash();
    let up = false;
    const started = rig.server.start().then(() => { up = true; });
    const seen = new Map();
    while (!up) {
      const code = await anna.post('refresh_token').then((a) => a.code, () => 'no connection');
      seen.set(code, (seen.get(code) ?? 0) + 1);
      if (code === 'no connection') await new Promise((done) => setTimeout(done, 1));
    }
    await started;
    console.log(`# answers while it started: ${[...seen].map(([code, n]) => `${n} of ${code}`).join(', ')}`);
    assert.deepEqual([...seen.keys()].filter((code) => ![200, 503, 'no connection'].includes(code)), []);
    await until(async () => (await anna.post('refresh_token')).code === 200, { what: 'the token to be good' });
  }
}));
