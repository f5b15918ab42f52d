// Break-out rooms in the page: guests are shared out and see their own room alone, ask for help, and come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';
import { organisation } from './states.mjs';

const rig = useRig({ server: { organisation } });
const come = async (name, hertz, how) => {
  const person = await open(rig, { path: '/test', name, hertz, viewport: { width: 800, height: 560 } });
  await person.join(how);
  await person.inside();
  return person;
};
const names = async (person) => (await person.tiles()).map(({ name }) => name).sort().join();
const isWith = (person, wanted) => until(async () => (await names(person)) === wanted, { what: `${person.name} to be shown ${wanted}` });

test('guests are shared out over rooms, see no other, are visited, and come back', rig.test(async () => {
  const anna = await come('anna', 500, { pin: '1234' });
  const bo = await come('bo', 600, { guest: true });
  const carl = await come('carl', 700, { guest: true });
  await isWith(bo, 'anna,carl,you');

  await anna.click('#more');
  await anna.page.click('.panel.more .item:has-text("Break-out rooms")');
  await anna.click('#open-rooms');
  for (const [guest, room] of [[bo, 'Room 1'], [carl, 'Room 2']]) {
    await guest.page.waitForSelector('.room-sign');
    await until(async () => (await guest.text('.room-sign')).includes(`You are in ${room}`), { what: `${guest.name} to be told of ${room}` });
    await guest.hasSaid(new RegExp(`You are in ${room}`));
    await isWith(guest, 'you');
  }
  await isWith(anna, 'you');
  await until(async () => (await anna.page.$$eval('[data-visit]', (all) => all.map((each) => each.closest('.block').innerText)))
    .map((text) => text.split('\n').at(-1)).join() === 'bo,carl', { what: 'the host to read who is where' });

  // What is written in a room stays there.
  await bo.click('#chat');
  await bo.page.fill('#message', 'Only for room one');
  await bo.page.keyboard.press('Enter');
  await anna.hasSaid(/Message from bo: Only for room one/); // hosts read all rooms
  assert.equal(await carl.page.evaluate(() => globalThis.viadux.store.state.messages.length), 0);

  // Help is asked for and comes: the host is in that room, sees and is seen there, and not by the other one.
  await bo.click('#help');
  await anna.hasSaid(/Room 1 asks for help/);
  await anna.page.click('.block:has-text("Room 1") [data-visit]');
  await bo.sees('anna');
  await anna.sees('bo');
  await anna.hears();
  await isWith(anna, 'bo,you');
  await isWith(carl, 'you');
  await anna.page.click('.room-sign .button');
  await isWith(bo, 'you');

  // One goes back alone; then all are called.
  await carl.click('#leave-room');
  await carl.page.waitForSelector('.room-sign', { state: 'detached' });
  await anna.sees('carl');
  await carl.sees('anna');
  await anna.click('#close-rooms');
  await bo.page.waitForSelector('.room-sign', { state: 'detached' });
  await bo.hasSaid(/You are back in the meeting/);
  for (const [person, others] of [[anna, ['bo', 'carl']], [bo, ['anna', 'carl']], [carl, ['anna', 'bo']]])
    for (const other of others) await person.sees(other);
  await anna.page.waitForSelector('#open-rooms');
  for (const person of [anna, bo, carl]) await person.close();
}));
