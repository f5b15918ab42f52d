// The published client in Chromium: bundled once, served from an origin of its own as an organisation's app would be.
import { build } from 'esbuild';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { until } from '../../harness/until.mjs';

export async function startApp() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./entry.mjs', import.meta.url))],
    bundle: true, write: false, format: 'iife', logLevel: 'error',
  });
  const script = Buffer.from(outputFiles[0].contents);
  const server = createServer((request, response) => {
    if (request.url === '/app.js') return response.setHeader('Content-Type', 'text/javascript').end(script);
    return response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>app</title><body><script src="/app.js"></script>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

// A page with the client in it. `join` gives what request_token did; the rest is as the page shows it now.
export async function openClient(browser, app, server, alias) {
  const page = await browser.open(app.url);
  page.on('console', (message) => { if (message.type() === 'error' && process.env.VERBOSE) console.error(`console: ${message.text()}`); });
  await page.waitForFunction(() => globalThis.app);
  let settled = 0; // calls that have been acknowledged: until then the client gives up at the first failure
  page.on('response', (response) => { if (response.url().endsWith('/ack')) settled++; });
  // Nor does it forgive a failure of whatever else it is asking just then.
  let asking = 0;
  let asked = Date.now();
  const isAsked = (request, change) => {
    if (request.url().includes('/events') || !request.url().includes('/api/client/')) return;
    asking += change;
    asked = Date.now();
  };
  page.on('request', (request) => isAsked(request, 1));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => isAsked(request, -1));
  const call = (method, options) => page.evaluate(([name, given]) => globalThis.app.client[name](given), [method, options]);
  const client = {
    page, call,
    settled: () => until(() => settled > 0 && asking === 0 && Date.now() - asked > 2500, { what: 'the call to be acknowledged', timeout: 60000 }),
    join: (options = {}) => page.evaluate((given) => globalThis.app.join(given),
      { conferenceAlias: alias, displayName: 'Anna', host: server.url, ...options }),
    present: (colour) => page.evaluate((given) => globalThis.app.present(given), colour),
    stopPresenting: () => page.evaluate(() => globalThis.app.client.stopPresenting()),
    colour: (x, y) => page.evaluate(([right, down]) => globalThis.app.main.colour(right, down), [x, y]),
    tones: () => page.evaluate(() => globalThis.app.main.tones()),
    frames: () => page.evaluate(() => globalThis.app.main.frames()),
    slides: () => page.evaluate(() => globalThis.app.slides.colour()),
    people: (room) => page.evaluate((given) => globalThis.app.people(given), room),
    status: (room) => page.evaluate((given) => globalThis.app.status(given), room),
    room: () => page.evaluate(() => globalThis.app.room()),
    rooms: () => page.evaluate(() => globalThis.app.rooms()),
    me: () => page.evaluate(() => ({ ...globalThis.app.client.getMe() })),
    happened: (name) => page.evaluate((given) => globalThis.app.happened(given), name),
    log: () => page.evaluate(() => globalThis.app.log),
    async sees(rgb, what = `the picture ${rgb}`, timeout = 60000) {
      await until(async () => (await client.colour()) === rgb && true, { what: `${what} (now ${await client.colour()})`, timeout });
    },
    async hears(hertz, timeout = 60000) {
      await until(async () => { const t = await client.tones(); if (t.includes(hertz)) return true; throw new Error(`heard ${t.slice(0, 5)}`); },
        { what: `a tone of ${hertz} Hz`, timeout });
    },
    // What is heard settles down to exactly these.
    async hearsOnly(tones, timeout = 60000) {
      const wanted = [...tones].sort((a, b) => a - b).join();
      await until(async () => {
        const heard = (await client.tones()).filter((t) => [600, 1000, 1700, 2400].includes(t)).sort((a, b) => a - b).join();
        if (heard === wanted) return true;
        throw new Error(`heard ${heard || 'nothing'}`);
      }, { what: `to hear ${wanted || 'nobody'}`, timeout });
    },
    async knows(check, what, timeout = 30000, room = 'main') {
      return until(async () => check(await client.people(room)), { what, timeout });
    },
    leave: () => page.evaluate(() => globalThis.app.client.disconnect({})),
    close: () => page.context().close(),
  };
  return client;
}

export const red = '4,0,0';
export const green = '0,2,0'; // CSS "green" is half
export const blue = '0,0,4';
export const yellow = '4,4,0';
