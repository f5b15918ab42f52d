// What a meeting needs beside pictures: five people, hands, the word, chat, lock and lobby, presenting, mute, removal, the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';
import { organisation } from './states.mjs';

const rig = useRig({ server: { organisation } });
const come = async (name, hertz, how) => {
  const person = await open(rig, { path: '/test', name, hertz, viewport: { width: 800, height: 560 } }); // five of them share two cores
  return person.join(how);
};

test('five people: everybody sees and hears the others, each in a tile of their own', rig.test(async () => {
  const anna = await come('anna', 500, { pin: '1234' });
  await anna.inside();
  const guests = [];
  for (const [name, hertz] of [['bo', 600], ['carl', 700], ['dora', 800], ['else', 900]]) {
    const person = await come(name, hertz, { guest: true });
    await person.inside();
    guests.push(person);
  }
  const [bo, carl, dora] = guests;
  for (const person of [anna, ...guests])
    for (const other of ['anna', 'bo', 'carl', 'dora', 'else']) if (other !== person.name) await person.sees(other);
  for (const person of [anna, bo]) await person.hears();

  // -- hands, in the order in which they were raised; the word is given and taken back
  await bo.click('#hand');
  await anna.hasSaid(/bo raises a hand/);
  await carl.click('#hand');
  await anna.click('#people');
  const queue = () => anna.page.$$eval('.queue .who', (all) => all.map((each) => each.textContent));
  await until(async () => (await queue()).join() === 'bo,carl', { what: 'the queue to be bo, carl' });
  await anna.click('[data-give]');
  await bo.hasSaid(/You have the word/);
  await until(async () => /bo has the word/.test((await queue()).join()) && (await queue()).length === 2, { what: 'bo to have the word' });
  await carl.page.waitForFunction(() => globalThis.viadux.store.state.people.size === 5);
  await anna.click('[data-take]');
  await bo.hasSaid(/The host has muted you/);
  await until(async () => (await queue()).join() === 'carl', { what: 'carl to be the next' });

  // -- chat: to all others, and read out
  await dora.click('#chat');
  await dora.page.fill('#message', 'Can you <b>hear</b> me?');
  await dora.page.keyboard.press('Enter');
  await carl.hasSaid(/Message from dora: Can you <b>hear<\/b> me\?/);
  await carl.click('#chat');
  assert.match(await carl.text('.messages'), /Can you <b>hear<\/b> me\?/);
  assert.equal((await dora.page.$$('.messages li')).length, 1, 'the sender has it once');

  // -- presenting: seen beside the people, and taken over by the next
  await carl.click('#present');
  await until(async () => (await bo.tiles()).some((tile) => tile.slides && tile.colour?.[0] > 200), { what: 'bo to see the slides', timeout: 20000 });
  await dora.click('#present');
  await carl.page.waitForSelector('#present[aria-pressed=false]');
  await until(async () => (await carl.tiles()).some((tile) => tile.slides && tile.colour), { what: 'carl to see them, too', timeout: 20000 });
  await dora.click('#stop-presenting');
  await until(async () => !(await bo.tiles()).some((tile) => tile.slides), { what: 'the slides to be gone' });

  // -- mute all guests: the server does it, whatever they press
  await anna.click('#mute-guests');
  for (const guest of guests) await guest.page.waitForSelector('#mic.off');
  await anna.click('#mute-guests');
  await dora.page.waitForSelector('#mic:not(.off)');

  // -- one is removed, and told so
  await anna.page.click('.person:has-text("else") .button.plain');
  await anna.page.click('.menu .danger');
  await anna.click('#confirm');
  await guests[3].page.waitForSelector('.card.centre');
  assert.match(await guests[3].text('h1'), /You were removed/);

  // -- locked: the next one waits, is seen by the host, and let in
  await anna.click('#lock');
  await bo.page.waitForSelector('p.lock.on');
  const late = await come('else', 1000, { guest: true });
  await late.page.waitForSelector('.sign.waiting');
  await anna.hasSaid(/else waits to come in/);
  await anna.click('[data-admit]');
  await late.inside();
  await late.sees('bo');
  await bo.sees('else');

  // -- the end, for all
  await anna.click('#people');
  await anna.click('#more');
  await anna.page.click('.panel.more .danger');
  await anna.click('#confirm');
  for (const person of [anna, bo, carl, dora, late]) {
    await person.page.waitForSelector('.card.centre');
    assert.match(await person.text('h1'), /The meeting has ended/);
  }
  for (const person of [anna, ...guests, late]) await person.close();
}));
