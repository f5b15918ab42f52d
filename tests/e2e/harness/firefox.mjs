// The second engine: Debian's Firefox by WebDriver BiDi, since playwright drives its own build of it only.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

// The settings that say 'loopback' and 'obfuscate' let it use 127.0.0.1, where the server is; the sandbox of a tab wants
// more of the kernel than a container gives.
// `origin`: of the pages that may use devices. To others Firefox shows one address only, and that is not the loopback's.
export async function startFirefox(origin, { executable = process.env.FIREFOX ?? '/usr/bin/firefox-esr' } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'viadux-firefox-'));
  const permissions = join(home, 'permissions');
  writeFileSync(permissions, ['camera', 'microphone'].map((device) => `origin\t${device}\t1\t${origin}\n`).join(''));
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: executable, headless: true, protocolTimeout: 60000,
    env: { ...process.env, HOME: home, MOZ_DISABLE_CONTENT_SANDBOX: '1' },
    extraPrefsFirefox: {
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.navigator.streams.fake': true, // its microphone is a tone; Web Audio stands still without a loudspeaker
      'media.navigator.permission.disabled': true,
      'permissions.manager.defaultsUrl': `file://${permissions}`,
    },
  });
  return {
    async page() {
      const page = await browser.newPage();
      page.on('pageerror', (error) => console.error(`page: ${error.message}`));
      await page.setViewport({ width: 1280, height: 800 });
      return page;
    },
    async stop() {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
