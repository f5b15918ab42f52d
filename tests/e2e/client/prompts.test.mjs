// A meeting's people are told aloud that it ends soon, by a voice that comes and goes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';
import { blue, openClient, startApp } from './app/app.mjs';

const rig = useRig();
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

test('a break-out with an end says so', rig.test(async () => {
  const alias = room('ends');
  const host = new Api(rig.server, alias);
  await host.join({ display_name: 'Host', breakout_rooms: true });
  const [anna, bo] = [await openClient(rig.browser, app, rig.server, alias), await openClient(rig.browser, app, rig.server, alias)];
  const inside = { pin: undefined };
  await anna.join({ displayName: 'Anna', ...inside });
  await bo.join({ displayName: 'Bo', colour: 'blue' }); // a picture, and no sound
  await anna.sees(blue);
  assert.deepEqual(await anna.tones(), [], 'nobody says anything');
  const people = (await host.read('participants')).result;
  const uuids = people.filter((p) => p.display_name !== 'Host').map((p) => p.uuid);
  assert.equal(uuids.length, 2);
  for (const client of [anna, bo]) await client.settled();
  const made = await host.post('breakouts', { name: 'B', duration: 120, participants: { main: uuids } });
  assert.equal(made.code, 200);
  await until(async () => (await anna.tones()).length > 0, { what: 'a voice', timeout: 20000, every: 50 });
  await until(async () => (await anna.happened('onMessage')).some((m) => m.message === 'This meeting ends in 2 minutes.'), { what: 'the same to read' });
  await until(async () => await rig.server.metric('viadux_prompts_said_total', 'recording="shipped"') === 1, { what: 'the end of the sentence', timeout: 20000 });
  await until(async () => (await anna.tones()).length === 0, { what: 'silence again', timeout: 20000 });
  await until(async () => (await host.read(`breakouts/${made.result.breakout_uuid}/participants`)).result?.length === 2, { what: 'the voice to have left' });
  for (const client of [anna, bo]) await client.close();
}));
