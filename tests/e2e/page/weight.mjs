// What the page weighs as it is sent, and how soon the first picture of another person is there. Prints; `node page/weight.mjs`.
import { startBrowser } from '../harness/browser.mjs';
import { startServer } from '../harness/server.mjs';
import { open } from './people.mjs';

const rig = { server: await startServer(), browser: await startBrowser() };
try {
  const anna = await open(rig, { name: 'anna', hertz: 500 });
  await anna.join();
  await anna.inside();
  const times = [];
  let weight;
  for (let round = 0; round < 7; round++) {
    const bo = await open(rig, { name: 'bo', hertz: 900 });
    weight = await bo.page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
      .map((entry) => ({ name: new URL(entry.name).pathname, bytes: entry.transferSize, plain: entry.decodedBodySize })));
    const ready = await bo.page.evaluate(() => Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0));
    await bo.page.waitForSelector('.preview video');
    await bo.page.fill('#name', 'bo');
    const first = await bo.page.evaluate(() => new Promise((done) => {
      const began = performance.now();
      const look = () => {
        for (const video of document.querySelectorAll('.tile video')) {
          const tile = video.closest('.tile');
          if (tile.dataset.uuid !== globalThis.viadux.meeting?.api.me && video.videoWidth > 2) return done(performance.now() - began);
        }
        return requestAnimationFrame(look);
      };
      document.getElementById('join').click();
      look();
    }));
    times.push({ first: Math.round(first), ready });
    await bo.click('#leave');
    await bo.context.close();
  }
  const own = weight.filter(({ name }) => !name.startsWith('/api/'));
  const sum = (key) => own.reduce((total, entry) => total + entry[key], 0);
  const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const firsts = times.map((time) => time.first);
  console.log(`weight: ${(sum('bytes') / 1000).toFixed(1)} kB sent in ${own.length} files, ${(sum('plain') / 1000).toFixed(1)} kB plain (aim: under 150 kB sent)`);
  console.log(`first paint ${middle(times.map((time) => time.ready))} ms; from "Join" to the first picture of another: median ${middle(firsts)} ms, ${Math.min(...firsts)} to ${Math.max(...firsts)} (aim: under 1000)`);
} finally {
  await rig.browser.stop();
  await rig.server.stop();
}
