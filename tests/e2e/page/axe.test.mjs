// No fault that axe-core knows (WCAG 2.1 A and AA), on every page and state, light and dark, wide and on a phone; every
// target of 44 px; and nothing cut off at 200 %.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { organisation, visitMeeting, visitPages } from './states.mjs';

const rig = useRig({ server: { organisation } });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

// In the page. Links within running text are the exception that WCAG 2.5.5 makes, too.
const smallTargets = () => [...document.querySelectorAll('button, select, textarea, input, a[href]')].filter((each) => {
  const box = (each.type === 'checkbox' ? each.closest('label') : each).getBoundingClientRect();
  return box.width > 0 && !each.closest('p, .messages, label a') && (box.width < 43.5 || box.height < 43.5);
}).map((each) => `${each.outerHTML.slice(0, 120)} ${Math.round(each.getBoundingClientRect().width)}x${Math.round(each.getBoundingClientRect().height)}`);
const wider = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

const check = (walk, fewest) => rig.test(async () => {
  const found = [];
  let states = 0;
  await walk(rig, async ({ page }, state) => {
    states++;
    if (!await page.evaluate(() => Boolean(globalThis.axe))) await page.evaluate(`${axe};0`); // by the debugger, as the page's own policy lets nothing foreign in
    for (const [scheme, size] of [['light', { width: 1280, height: 800 }], ['dark', { width: 390, height: 844 }]]) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await page.waitForTimeout(80);
      const { violations } = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only, resultTypes: ['violations'] }), tags);
      for (const { id, nodes } of violations) found.push(`${state} ${scheme}: ${id}: ${nodes.slice(0, 2).map((node) => `${node.html.slice(0, 160)} (${node.any[0]?.message ?? node.all[0]?.message ?? ''})`).join(' | ')}`);
      for (const target of await page.evaluate(smallTargets)) found.push(`${state} ${size.width}: small target ${target}`);
      if (await page.evaluate(wider) > 1) found.push(`${state} ${size.width}: the page is wider than the window`);
    }
    // 200 % of a window of 1280 is a page of 640.
    await page.setViewportSize({ width: 640, height: 400 });
    if (await page.evaluate(wider) > 1) found.push(`${state} at 200 %: the page is wider than the window`);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 800 });
  });
  assert.deepEqual([...new Set(found)], []);
  assert.ok(states >= fewest, `${states} states`);
});

test('axe finds nothing on the pages around a meeting', check(visitPages, 12));
test('axe finds nothing in a meeting', check(visitMeeting, 20));
