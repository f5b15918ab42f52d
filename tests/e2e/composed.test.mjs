// WHEP players that ask for one picture of everybody.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { png } from './harness/png.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const [purple, red, orange, blue] = [[160, 40, 160], [220, 30, 30], [230, 120, 20], [15, 48, 87]];
const theme = (picture) => JSON.stringify({ picture });
const hospital = {
  'organisation.toml': 'name = "Hospital"\ndomains = ["hospital.example"]\n[rooms_on_demand]\nenabled = true\nmax = 50\n',
  'theme/theme.json': theme({ background: 'back.png', watermark: 'mark.png', watermark_corner: 'top-right', alone: ['Nobody is here yet'] }),
  'theme/back.png': png(160, 90, () => [...purple, 255]),
  'theme/mark.png': png(80, 80, (x) => [...red, x < 40 ? 255 : 0]), // its right half is transparent
};
const rig = useRig({ server: { organisations: { hospital } } });
// The colours at places, as parts of the picture, are so at the same time.
const sees = (viewer, wanted, what) => {
  let seen;
  return until(async () => {
    seen = await viewer.page.evaluate((places) => globalThis.rtc.colours(places), wanted.map(([place]) => place));
    return seen && wanted.every(([, colour], i) => seen[i].every((part, k) => Math.abs(part - colour[k]) < 30));
  }, { what, timeout: 30000 }).catch((error) => { throw new Error(`${error.message}; saw ${JSON.stringify(seen)}`); });
};
const small = { media: { width: 320, height: 180, fps: 10 } };

test('one camera is forwarded, three are composed; what nobody looks at is not decoded', rig.test(async () => {
  const alias = room('composed');
  const decoded = () => rig.server.metric('viadux_mixer_pictures_decoded_total');
  const senders = [await publish(rig.browser, rig.server, alias, small)];
  const viewer = await play(rig.browser, rig.server, alias, { query: { video: 'auto' } });
  const plain = await play(rig.browser, rig.server, alias);
  const height = async (who) => (await who.stats()).video?.height;
  await until(async () => (await height(viewer)) === 180, { what: 'the one camera', timeout: 20000 });
  assert.equal(await decoded(), 0, 'it is forwarded');

  for (let i = 0; i < 2; i++) senders.push(await publish(rig.browser, rig.server, alias, small));
  await until(async () => (await height(viewer)) === 720, { what: 'the composed picture', timeout: 30000 });
  const before = (await viewer.stats()).video.frames;
  await until(async () => (await viewer.stats()).video.frames - before >= 20, { what: 'twenty composed pictures', timeout: 30000 });
  assert.equal(await height(plain), 180, 'who did not ask is forwarded as ever');

  await viewer.leave();
  await until(async () => {
    const was = await decoded();
    await new Promise((done) => setTimeout(done, 500));
    return (await decoded()) === was;
  }, { what: 'decoding to end', timeout: 20000 });
  await plain.leave();
  for (const sender of senders) await sender.leave();
}));

test('who has only the other codec sees and is seen, transcoded; those who agree are forwarded', rig.test(async () => {
  const alias = room('codecs');
  const phone = await publish(rig.browser, rig.server, alias, { media: { ...small.media, codec: 'h264' } });
  const transcoded = () => rig.server.metric('viadux_mixer_pictures_transcoded_tracks');
  const same = await play(rig.browser, rig.server, alias, { codec: 'h264' });
  const moves = (viewer) => until(async () => { const { video } = await viewer.stats(); return video?.frames >= 20 && video.height; }, { what: '20 frames', timeout: 30000 });
  assert.equal(await moves(same), 180);
  assert.equal(await transcoded(), 0);
  const other = await play(rig.browser, rig.server, alias, { codec: 'vp8' });
  assert.equal(await moves(other), 180, 'in its own shape');
  assert.equal(await transcoded(), 1);
  const third = await play(rig.browser, rig.server, alias, { codec: 'vp8' });
  await moves(third);
  assert.equal(await transcoded(), 1, 'once for all');
  assert.equal(await rig.server.metric('viadux_mixer_pictures_damaged_total'), 0);
  for (const each of [same, other, third, phone]) await each.leave();
  await until(async () => (await transcoded()) === 0, { what: 'nothing to be left', timeout: 20000 });
}));

test('an organisation has its own background, watermark and words; a reload changes them for those who look on', rig.test(async () => {
  const own = `${room('ward')}@hospital.example`;
  const [ground, mark, beside] = [[0.125, 0.875], [1200 / 1280, 60 / 720], [0.04, 0.1]];
  const viewer = await play(rig.browser, rig.server, own, { query: { video: 'auto', stills: '1' } });
  await sees(viewer, [[beside, purple]], 'the still of one who is alone');
  const plain = await play(rig.browser, rig.server, room('plain'), { query: { video: 'auto', stills: '1' } });
  await sees(plain, [[beside, blue]], 'the still of an organisation without a theme');
  await plain.leave();

  const senders = [];
  for (let i = 0; i < 3; i++) senders.push(await publish(rig.browser, rig.server, own, small));
  // Three of 1:7 leave the lower row empty; the watermark is over the upper small one.
  await sees(viewer, [[ground, purple], [mark, red]], 'background and watermark of the composed picture');
  const [through] = await viewer.page.evaluate(() => globalThis.rtc.colours([[1240 / 1280, 60 / 720]]));
  assert.ok(Math.abs(through[0] - red[0]) > 30 || Math.abs(through[1] - red[1]) > 30, `half of it is transparent: ${through}`);

  writeFileSync(join(rig.server.folder, 'organisations/hospital/theme/theme.json'), theme({ background: '#e67814', border: 'green' }));
  rig.server.child.kill('SIGHUP');
  await sees(viewer, [[ground, orange]], 'the new background');
  const [unmarked] = await viewer.page.evaluate(() => globalThis.rtc.colours([[1200 / 1280, 60 / 720]]));
  assert.ok(Math.abs(unmarked[0] - red[0]) > 30 || Math.abs(unmarked[1] - red[1]) > 30, `the watermark is gone: ${unmarked}`);
  await until(() => rig.server.log().includes('picture.border: must be #'), { what: 'the mistake in the log' });
  for (const sender of senders) await sender.leave();
  await sees(viewer, [[beside, orange]], 'the new still');
  await viewer.leave();
}));

test('an unknown layout is refused with the word for it', rig.test(async () => {
  await assert.rejects(play(rig.browser, rig.server, room('layouts'), { query: { video: 'auto', layout: '9:9' } }), /400.*layout_unknown/s);
}));
