// Server and browser for one test file, ended whatever happens.
import { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { startServer } from './server.mjs';

// `const rig = useRig()`; within tests: rig.server, rig.browser, rig.failed = true shows the server's log.
export function useRig({ server = {}, browser = true } = {}) {
  const rig = { failed: false };
  before(async () => {
    rig.server = await startServer(server);
    if (browser) rig.browser = await startBrowser();
  });
  after(async () => {
    await rig.browser?.stop();
    if (rig.server && !rig.stopped) await rig.server.stop({ failed: rig.failed });
  });
  // Wraps a test so that its failure shows the server's log.
  rig.test = (body) => async (context) => {
    try {
      await body(context);
    } catch (error) {
      rig.failed = true;
      throw error;
    }
  };
  return rig;
}

export const room = (name) => `${name}-${process.pid}`;
