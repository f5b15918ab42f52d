// Unmodified clients with one line for the picture: two are forwarded, five see each other in a composed picture.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { room, useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { blue, green, openClient, red, startApp, yellow } from './app/app.mjs';

const rig = useRig();
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

const purple = '2,0,2';
// Of the layout 1:7: the large place and the first four small ones, as parts of the picture.
const places = [[0.4, 0.4], [0.9, 0.1], [0.9, 0.4], [0.9, 0.7], [0.1, 0.9]];

test('two see each other forwarded; five see all of them in one picture, the speaker large', rig.test(async () => {
  const alias = room('composed');
  const people = [['red', red], ['blue', blue], ['green', green], ['yellow', yellow], ['purple', purple]];
  const clients = [];
  const join = async (index, options = {}) => {
    const client = await openClient(rig.browser, app, rig.server, alias);
    const joined = await client.join({ displayName: people[index][0], colour: people[index][0], ...options });
    assert.equal(joined.status, 200, JSON.stringify(joined));
    clients.push(client);
  };
  await join(0);
  await join(1);
  await clients[0].sees(blue);
  await clients[1].sees(red);
  for (const what of ['decoded', 'composed', 'encoded'])
    assert.equal(await rig.server.metric(`viadux_mixer_pictures_${what}_total`), 0, `nothing is ${what}`);

  for (let i = 2; i < 5; i++) await join(i, i === 4 ? { hertz: 1000 } : {});
  const seen = async (client) => Promise.all(places.map(([x, y]) => client.colour(x, y)));
  const all = people.map(([, colour]) => colour).sort().join(' ');
  for (const [index, client] of clients.entries()) {
    await until(async () => {
      const colours = await seen(client);
      const everybody = [...colours].sort().join(' ') === all;
      // Purple speaks: large for all, but not for himself.
      const large = (colours[0] === purple) === (index !== 4);
      if (everybody && large) return true;
      throw new Error(`sees ${colours.join(' ')}`);
    }, { what: `client ${index} to see all`, timeout: 40000 });
  }
  assert.equal(await rig.server.metric('viadux_mixer_pictures_damaged_total'), 0);
  // A host's line of text is over the upper edge, in the middle, for everybody, until it is taken away.
  const upper = () => Promise.all(clients.map((client) => client.colour(0.5, 0.045)));
  const uncovered = await upper();
  const raise = (lines) => clients[0].call('setLayout', { transforms: { free_form_overlay_text: lines } });
  await raise(['Ward 3', 'the meeting ends at three o\'clock']);
  await until(async () => (await upper()).every((colour, i) => colour !== uncovered[i]), { what: 'the line to be seen' });
  await raise([]);
  await until(async () => (await upper()).join() === uncovered.join(), { what: 'the line to be gone' });
  await until(async () => (await rig.server.metric('viadux_mixer_pictures_tracks')) <= 2, { what: 'one picture for all, one for who speaks' });
  // A client reconnects when no packet of the picture comes for a second.
  const reconnects = async () => (await Promise.all(clients.map((client) => client.happened('onReconnecting')))).flat().length;
  const before = await reconnects();
  await new Promise((done) => setTimeout(done, 4000));
  assert.equal(await reconnects(), before, 'the picture never stops');

  for (const client of clients.splice(2)) await client.leave();
  await clients[0].sees(blue);
  await until(async () => (await rig.server.metric('viadux_mixer_pictures_encoders')) === 0, { what: 'the mixer to rest', timeout: 20000 });
  for (const client of clients) await client.leave();
}));
