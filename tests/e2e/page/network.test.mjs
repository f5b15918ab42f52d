// The page comes back by itself: from a bad line and no line at all, and from a restart of the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRelay } from '../harness/relay.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { openTwo } from './people.mjs';
import { leadMedia } from './way.mjs';

const rig = useRig();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// Every media path of this person leads over a relay of the test.
const overRelay = (person, ...commands) => leadMedia(person, (port) => startRelay(port, ...commands));

test('3 % loss and 100 ms are lived with; 10 s without a network pass, and it comes back by itself', rig.test(async () => {
  let network;
  const [anna, bo] = await openTwo(rig, { path: '/network', before: async (person) => { network = await overRelay(person, 'down loss=3% delay=50ms', 'up loss=3% delay=50ms'); } });
  await anna.sees('bo');
  await bo.sees('anna');
  await bo.hears();
  await bo.framesComing(15);

  for (const way of ['down', 'up']) await network.made.command(`${way} loss=100%`);
  await bo.context.setOffline(true);
  await bo.page.waitForSelector('.trouble', { timeout: 12000 });
  await bo.hasSaid(/No internet|Reconnecting/);
  await wait(6000);
  for (const way of ['down', 'up']) await network.made.command(`${way} loss=0% delay=0ms`);
  await bo.context.setOffline(false);
  const since = Date.now();
  await bo.framesComing(10);
  await bo.hears();
  await anna.sees('bo');
  console.log(`pictures are back ${Date.now() - since} ms after the network`);
  await until(async () => !(await bo.page.$('.trouble')), { what: 'the trouble to be over' });
  await anna.framesComing(5);
  bo.errors.length = 0;
  await bo.close();
  await anna.close();
  network.stop();
}));

test('a restart of the server passes, and the meeting goes on', rig.test(async () => {
  const [anna, bo] = await openTwo(rig, { path: '/restart' });
  await anna.sees('bo');
  await rig.server.crash();
  await anna.page.waitForSelector('.trouble', { timeout: 15000 });
  await rig.server.start();
  const since = Date.now();
  for (const person of [anna, bo]) {
    await person.framesComing(10);
    await person.hears();
  }
  console.log(`both see and hear each other ${Date.now() - since} ms after the server is ready`);
  await anna.sees('bo');
  await until(async () => !(await anna.page.$('.trouble')), { what: 'the trouble to be over' });
  assert.equal(await anna.page.evaluate(() => globalThis.viadux.store.state.people.size), 2, 'nobody is there twice');
  await anna.close();
  await bo.close();
}));
