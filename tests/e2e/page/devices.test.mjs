// Camera, microphone and speaker: chosen, tried, remembered; a background is blurred where the browser can.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';

const rig = useRig();
const openChoice = async (page) => {
  await page.waitForSelector('.preview video');
  await page.click('[aria-controls=devices]');
  await page.waitForSelector('.devices');
};

// With Chromium's own fake devices: one camera, some microphones and speakers.
test('what is chosen is used, and remembered', rig.test(async () => {
  const anna = await open(rig, { name: 'anna', colour: '' });
  const { page } = anna;
  await openChoice(page);
  const second = await page.$eval('.field:has-text("Microphone") select', (select) => select.options[1].value);
  await page.selectOption('.field:has-text("Microphone") select', second);
  const used = () => page.evaluate(() => globalThis.viadux.store.state.selfStream.getAudioTracks()[0]?.getSettings().deviceId);
  await until(async () => (await used()) === second, { what: 'the second microphone to be used' });
  await until(() => page.$eval('.meter i', (bar) => new DOMMatrix(getComputedStyle(bar).transform).a > 0.05), { what: 'the meter to move' });
  await page.click('.button:has-text("Try the speaker")');
  assert.equal(await page.$('#blur'), null, 'no button for what this camera cannot do');
  await page.reload();
  await openChoice(page);
  assert.equal(await used(), second);
  await anna.close();
}));

test('who has refused camera and microphone joins without, is shown so, and may change their mind in the meeting', rig.test(async () => {
  const anna = await open(rig, { name: 'anna', hertz: 500 });
  const bo = await open(rig, { name: 'bo', hertz: 900, refuse: 'NotAllowedError' });
  await bo.page.waitForSelector('.notice');
  for (const person of [anna, bo]) {
    await person.join();
    await person.inside();
  }
  await bo.page.waitForSelector('#mic.off');
  await bo.page.waitForSelector('#camera.off');
  await bo.sees('anna');
  const seen = () => anna.page.evaluate(() => [...globalThis.viadux.store.state.people.values()].filter(({ display_name: name }) => name === 'bo')
    .map((person) => [person.is_client_muted, person.is_video_muted].join()).join());
  await until(async () => (await seen()) === 'true,true', { what: 'anna to be told that bo has neither' });
  await bo.page.evaluate(() => { globalThis.refusing = false; });
  await bo.click('#more');
  await bo.page.click('.panel.more .item:has-text("Camera and sound")');
  await bo.page.click('.notice .button');
  await anna.sees('bo');
  await anna.hears();
  assert.equal(await seen(), 'false,false');
  await bo.close();
  await anna.close();
}));

// No camera here blurs: this one says that it does, as some do.
const blurringCamera = () => {
  const { applyConstraints, getSettings } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.getCapabilities = function can() { return this.kind === 'video' ? { backgroundBlur: [false, true] } : {}; };
  MediaStreamTrack.prototype.applyConstraints = async function apply(wanted) {
    if (!('backgroundBlur' in wanted)) return applyConstraints.call(this, wanted);
    this.blurred = wanted.backgroundBlur;
    return undefined;
  };
  MediaStreamTrack.prototype.getSettings = function settings() { return { ...getSettings.call(this), backgroundBlur: this.blurred === true }; };
};

test('a camera that blurs has a button for it, and the next one begins as this one was', rig.test(async () => {
  const anna = await open(rig, { name: 'anna' });
  const { page } = anna;
  await page.addInitScript(blurringCamera);
  await page.reload();
  await openChoice(page);
  await page.click('#blur');
  await page.waitForSelector('#blur[aria-pressed=true]');
  assert.equal(await page.evaluate(() => globalThis.viadux.store.state.selfStream.getVideoTracks()[0].blurred), true);
  await page.reload();
  await openChoice(page);
  await page.waitForSelector('#blur[aria-pressed=true]');
  await page.click('#blur');
  await page.waitForSelector('#blur[aria-pressed=false]');
  await anna.close();
}));
