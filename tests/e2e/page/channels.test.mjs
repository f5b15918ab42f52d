// Interpreting in the page: a host makes somebody the interpreter of a language, a guest chooses it, by ear.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';
import { organisation } from './states.mjs';

const rig = useRig({ server: { organisation } });
const voices = { anna: 500, bo: 700, carl: 900 };
const come = async (name, how) => {
  const person = await open(rig, { path: '/test', name, hertz: voices[name], viewport: { width: 800, height: 560 } });
  await person.join(how);
  await person.inside();
  return person;
};
// Whom one hears, on all lines together.
const heardBy = (person) => person.page.evaluate(async (all) => {
  const audio = new AudioContext();
  const ear = new AnalyserNode(audio, { fftSize: 8192 });
  for (const { srcObject } of document.querySelectorAll('audio')) if (srcObject?.getAudioTracks().length) audio.createMediaStreamSource(srcObject).connect(ear);
  await new Promise((done) => setTimeout(done, 600));
  const levels = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(levels);
  const heard = Object.keys(all).filter((name) => levels[Math.round((all[name] * 8192) / audio.sampleRate)] > -65);
  await audio.close();
  return heard.join();
}, voices);
const hears = (person, wanted) => until(async () => {
  const heard = await heardBy(person);
  if (heard === wanted) return true;
  throw new Error(`hears ${heard || 'nobody'}`);
}, { what: `${person.name} to hear ${wanted}`, timeout: 30000 });

test('a host makes an interpreter, whoever chooses the language hears it, and the interpreter is told', rig.test(async () => {
  const anna = await come('anna', { pin: '1234' });
  const bo = await come('bo', { guest: true });
  const carl = await come('carl', { guest: true });
  await hears(anna, 'bo,carl');
  await hears(bo, 'anna,carl');
  assert.equal(await bo.page.$('#sound'), null, 'there is nothing to choose');

  await anna.click('#people');
  await anna.page.click('.person:has-text("carl") .button.plain');
  await anna.page.click('.menu .item:has-text("Interprets into")');
  await anna.page.selectOption('#interpret', 'ar');
  await anna.click('#confirm');
  await carl.page.waitForSelector('.room-sign:has-text("You interpret into Arabic")');
  assert.equal(await carl.page.$('#stop-interpreting'), null, 'that is a host\'s to change');
  await anna.page.waitForSelector('.person:has-text("interprets into Arabic")');
  await hears(anna, 'bo');
  await hears(bo, 'anna');

  // By the keyboard, as by any other list.
  assert.equal(await bo.page.getByLabel('Sound').evaluate((select) => [...select.options].map((each) => each.text).join()), 'Original,Arabic');
  await bo.page.getByLabel('Sound').focus();
  await bo.page.keyboard.press('ArrowDown');
  await hears(bo, 'anna,carl');
  await hears(anna, 'bo');
  await hears(carl, 'anna,bo');
  assert.ok((await bo.page.getByLabel('Sound').boundingBox()).height >= 44);

  await bo.page.selectOption('#sound', '');
  await hears(bo, 'anna');
  // A host interprets, too, and speaks to everybody again.
  await anna.click('#more');
  await anna.page.click('.panel.more .item:has-text("Interpret into a language")');
  await anna.page.selectOption('#interpret', 'pl');
  await anna.click('#confirm');
  await anna.page.waitForSelector('.room-sign:has-text("You interpret into Polish")');
  await until(async () => (await bo.page.$$eval('#sound option', (all) => all.map((each) => each.text).join())) === 'Original,Arabic,Polish', { what: 'both languages' });
  await anna.click('#stop-interpreting');
  await hears(bo, 'anna');
  for (const person of [carl, bo, anna]) await person.close();
}));
