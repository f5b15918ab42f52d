// WHEP players that ask for one picture of everybody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from './harness/browser.mjs';
import { room, useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const rig = useRig();
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

test('an unknown layout is refused with the word for it', rig.test(async () => {
  await assert.rejects(play(rig.browser, rig.server, room('layouts'), { query: { video: 'auto', layout: '9:9' } }), /400.*layout_unknown/s);
}));
