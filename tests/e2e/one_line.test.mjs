// Clients with one line for sound and one for the picture: who hears whom, by tone, and a picture that never stops.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

// Voices as they are: this measures them.
const rig = useRig({ server: { config: { mixer: { even_voices: false } } } });
const tones = [440, 1000, 1700];
const hears = (viewer) => viewer.page.evaluate((list) => globalThis.rtc.hears(list), tones);
// Loud is what was sent at -14 dB; what is 25 dB below that is not heard.
const pattern = (levels) => levels.map((db) => (db > -30 ? 'x' : db < -55 ? '.' : '?')).join('');

test('three with one audio line each hear both others and not themselves', rig.test(async () => {
  const alias = room('mixed');
  const people = [];
  for (const tone of tones) {
    const sender = await publish(rig.browser, rig.server, alias, { media: { width: 160, height: 120, fps: 5, tone } });
    const ear = await play(rig.browser, rig.server, alias, { video: 0, except: sender.participant, query: { audio: 'auto' } });
    people.push({ sender, ear });
  }
  for (const [index, expected] of ['.xx', 'x.x', 'xx.'].entries()) {
    const { ear } = people[index];
    let seen = [];
    // Three readings in a row: a tone that comes and goes is not heard.
    await until(async () => {
      seen.push(pattern(await hears(ear)));
      seen = seen.slice(-3);
      return seen.length === 3 && seen.every((each) => each === expected);
    }, { what: `person ${index + 1} to hear ${expected}`, timeout: 20000 }).catch((error) => {
      throw new Error(`${error.message}; heard ${seen.join(' ')}`);
    });
  }
  assert.ok(await rig.server.metric('viadux_mixer_encodes_total') > 0);

  // One leaves: after a while the two others are forwarded to each other, and nothing is encoded any more.
  await people[2].ear.leave();
  await people[2].sender.leave();
  await until(async () => pattern(await hears(people[0].ear)) === '.x.', { what: 'the one other to be heard', timeout: 20000 });
  await until(async () => {
    const before = await rig.server.metric('viadux_mixer_encodes_total');
    await new Promise((done) => setTimeout(done, 500));
    return (await rig.server.metric('viadux_mixer_encodes_total')) === before;
  }, { what: 'the mixer to rest', timeout: 20000 });
  assert.equal(pattern(await hears(people[1].ear)), 'x..');
  for (const { ear, sender } of people.slice(0, 2)) {
    await ear.leave();
    await sender.leave();
  }
}));

test('who is alone with one picture sees a still that goes on', rig.test(async () => {
  const alias = room('alone');
  const viewer = await play(rig.browser, rig.server, alias, { query: { audio: 'auto', stills: '1' } });
  const first = await until(async () => {
    const { video } = await viewer.stats();
    return video?.frames >= 5 && video;
  }, { what: '5 frames of the still', timeout: 20000 });
  assert.equal(first.width, 640);
  assert.equal(first.height, 360);
  await new Promise((done) => setTimeout(done, 4000));
  const { video } = await viewer.stats();
  assert.ok(video.frames - first.frames >= 8, `${video.frames - first.frames} frames in 4 s`);

  // A camera takes the still's place, and the still the camera's.
  const sender = await publish(rig.browser, rig.server, alias);
  await until(async () => (await viewer.stats()).video.height === 180, { what: 'the camera', timeout: 20000 });
  await sender.leave();
  await until(async () => (await viewer.stats()).video.height === 360, { what: 'the still again', timeout: 20000 });
  await viewer.leave();
}));
