// Pictures of every page and state, in both sizes, languages and colour schemes, for people to look at: in
// VIADUX_SHOTS, else build/screenshots. Fails where a state cannot be reached or a text has no words.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { build } from '../harness/server.mjs';
import { organisation, visitMeeting, visitPages } from './states.mjs';

const rig = useRig({ server: { organisation } });
const folder = process.env.VIADUX_SHOTS ?? join(build, 'screenshots');
const only = process.env.VIADUX_STATES?.split(',');
const sizes = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

test('every page and state is photographed', rig.test(async () => {
  mkdirSync(folder, { recursive: true });
  const look = async ({ page }, state) => {
    if (only && !only.includes(state)) return;
    for (const language of ['da', 'en']) {
      await page.evaluate((code) => globalThis.viadux.setLanguage(code), language);
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        for (const scheme of ['light', 'dark']) {
          if (process.env.VIADUX_FEW && (language === 'da') !== (size === 'phone')) continue;
          if (process.env.VIADUX_FEW && (scheme === 'dark') !== (size === 'phone')) continue;
          await page.emulateMedia({ colorScheme: scheme });
          await page.waitForTimeout(350);
          await page.screenshot({ path: join(folder, `${state}-${size}-${language}-${scheme}.png`) });
          const words = await page.evaluate(() => document.body.innerText);
          assert.doesNotMatch(words, /\b(?:join|pin|people|say|ended|permission|devices)\.[a-z]/i, `${state}: a text has no words`);
        }
      }
    }
    await page.evaluate(() => globalThis.viadux.setLanguage('en'));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(sizes.wide);
  };
  await visitPages(rig, look);
  await visitMeeting(rig, look);
}));
