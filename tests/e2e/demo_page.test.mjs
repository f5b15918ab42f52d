// The page that is shipped: two people join the demo room and see each other, as somebody with `make run` does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from './harness/rig.mjs';
import { until } from './harness/until.mjs';

const rig = useRig();

const moving = (page) => page.evaluate(() => {
  const seen = [...document.querySelectorAll('.person video')].map((video) => video.getVideoPlaybackQuality().totalVideoFrames);
  return Math.max(0, ...seen);
});

test('two people join by the shipped page and see each other', rig.test(async () => {
  const pages = [];
  for (let i = 0; i < 2; i++) {
    const page = await rig.browser.open(`${rig.server.url}/publish/?room=demo`);
    await page.click('#with-camera');
    await page.waitForSelector('#leave:not([hidden])');
    pages.push(page);
  }
  for (const page of pages)
    await until(async () => (await moving(page)) >= 10, { what: '10 frames of the other', timeout: 25000 });
  assert.equal(await pages[0].isVisible('#self-view'), true);

  await pages[1].click('#leave');
  await until(() => pages[1].isVisible('#with-camera:not([disabled])'), { what: 'the page to be ready again' });
  // Three things were open for two people: a publisher and a player each; one of each is left.
  await until(async () => (await rig.server.metric('viadux_media_sessions')) === 2, { what: 'one person to be left' });
  await pages[0].close({ runBeforeUnload: false });
}));
