// By the keyboard alone: join as a guest, mute, raise a hand, write, leave. The focus can always be seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';
import { organisation } from './states.mjs';

const rig = useRig({ server: { organisation } });

// Tab until the element that has the focus answers to `selector`.
async function tabTo(page, selector, most = 40) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate((wanted) => {
      const now = document.activeElement;
      const style = getComputedStyle(now);
      return { is: now.matches(wanted), seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || now === document.body };
    }, selector);
    assert.ok(found.seen, `the focus is seen on the way to ${selector}`);
    if (found.is) return;
  }
  assert.fail(`${selector} cannot be reached by Tab`);
}

test('a guest does all of it without a mouse', rig.test(async () => {
  const { page, ...person } = await open(rig, { path: '/test', name: 'bo', hertz: 600 });
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await tabTo(page, '#name');
  await page.keyboard.type('Bo');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#pin');
  await until(async () => /PIN/.test(await focused()), { what: 'the heading to have the focus' });
  await tabTo(page, '#guest');
  await page.keyboard.press('Space');
  await page.waitForSelector('.room');
  await until(async () => /Training at home/.test(await focused()), { what: 'the title to have the focus' });
  await tabTo(page, '#mic');
  await page.keyboard.press('Space');
  await page.waitForSelector('#mic.off');
  await tabTo(page, '#hand');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#hand[aria-pressed=true]');
  await tabTo(page, '#chat');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.panel.chat');
  await tabTo(page, '#message');
  await page.keyboard.type('Hello');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.messages li.mine');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.panel.chat', { state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'chat', 'the focus is back where it was');
  await tabTo(page, '#leave');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.card.centre');
  await until(async () => /left/.test(await focused()), { what: 'the last heading to have the focus' });
  await page.evaluate(() => 0);
  await person.context.close();
}));
