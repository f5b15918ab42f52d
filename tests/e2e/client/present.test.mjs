// Presentations of unmodified clients: a slides line that opens by an update, the floor that is taken over, and sound by three.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { blue, green, openClient, red, startApp } from './app/app.mjs';

const rig = useRig();
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

test('slides are seen beside the picture, and whoever presents next takes the floor', rig.test(async () => {
  const alias = room('present');
  const anna = await openClient(rig.browser, app, rig.server, alias);
  const bo = await openClient(rig.browser, app, rig.server, alias);
  await anna.join({ displayName: 'Anna', colour: 'red', hertz: 600 });
  await bo.join({ displayName: 'Bo', colour: 'blue', hertz: 1000 });
  await anna.sees(blue);
  await bo.sees(red);
  await anna.settled();
  await bo.settled();

  await anna.present('green');
  await until(async () => (await bo.slides()) === green, { what: 'Bo to see the green slides', timeout: 40000 });
  await bo.sees(red, 'Anna beside her slides');
  await bo.knows((people) => people.some((p) => p.displayName === 'Anna' && p.isPresenting), 'the roster to say who presents');

  // Who wishes has it in the picture as well: large, and red beside it in the small places.
  await bo.call('presInMix', { state: true });
  await bo.sees(green, 'the slides in the picture');
  assert.equal(await bo.slides(), green);
  await anna.knows((people) => people.find((p) => p.displayName === 'Bo').needsPresentationInMix === true, 'the roster to say so');
  await bo.call('presInMix', { state: false });
  await bo.sees(red, 'Anna alone again');

  await bo.present('yellow');
  await until(async () => (await anna.slides()) === '4,4,0', { what: 'Anna to see the yellow slides', timeout: 40000 });
  await anna.knows((people) => people.filter((p) => p.isPresenting).map((p) => p.displayName).join() === 'Bo', 'Bo alone to present');
  await bo.stopPresenting();
  await anna.knows((people) => people.every((p) => !p.isPresenting), 'nobody to present');
  await anna.sees(blue, 'Bo himself still');
  assert.equal((await anna.happened('onDisconnected')).length, 0);
  await anna.leave();
  await bo.leave();
}));
