// Browsers whose codecs differ: the server decodes and encodes for who cannot read what the room forwards (docs/mixing.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open, seeAndHearEachOther } from './people.mjs';

const rig = useRig();

// What its pictures are sent and decoded in: {in: {'video/VP8': frames}, out: {…}}, of lines where any came or went.
const codecs = (person) => person.page.evaluate(async () => {
  const found = { in: {}, out: {} };
  const all = await globalThis.viadux.meeting.connection.call.pc.getStats();
  for (const entry of all.values()) {
    if (entry.kind !== 'video') continue;
    const [way, frames] = entry.type === 'inbound-rtp' ? ['in', entry.framesDecoded] : entry.type === 'outbound-rtp' ? ['out', entry.framesEncoded] : [];
    if (frames) found[way][all.get(entry.codecId).mimeType] = frames;
  }
  return found;
});

test('a phone that has H.264 only and a browser that prefers VP8 see and hear each other', rig.test(async () => {
  const anna = await open(rig, { path: '/codecs', name: 'anna', hertz: 500 });
  const bo = await open(rig, { path: '/codecs', name: 'bo', hertz: 900, h264: true, viewport: { width: 390, height: 844 } });
  for (const person of [anna, bo]) {
    await person.join();
    await person.inside();
  }
  await seeAndHearEachOther(anna, bo);
  const offered = await bo.page.evaluate(() => globalThis.viadux.meeting.connection.call.pc.localDescription.sdp);
  assert.match(offered, /H264\/90000/);
  assert.doesNotMatch(offered, /(VP8|VP9|AV1)\/90000/);
  const [hers, his] = [await codecs(anna), await codecs(bo)];
  assert.deepEqual([hers.out, hers.in].map((each) => Object.keys(each).join()), ['video/VP8', 'video/VP8'], 'hers is VP8 both ways');
  assert.deepEqual([his.out, his.in].map((each) => Object.keys(each).join()), ['video/H264', 'video/H264'], 'and his is H.264');
  assert.equal(await rig.server.metric('viadux_mixer_pictures_transcoded_tracks'), 2);

  // What is presented is read by both, too.
  await anna.click('#present');
  await until(async () => (await bo.tiles()).some((tile) => tile.slides && tile.colour?.[0] > 200), { what: 'bo to see the slides', timeout: 20000 });
  if (process.env.VIADUX_SHOTS) for (const person of [anna, bo]) await person.page.screenshot({ path: `${process.env.VIADUX_SHOTS}/codecs-${person.name}.png` });
  await anna.click('#stop-presenting');
  await bo.close();
  await until(async () => await rig.server.metric('viadux_mixer_pictures_transcoded_tracks') === 0, { what: 'nothing to be transcoded any more' });
  await anna.close();
}));
