// One headless Chromium per test file; pages publish and play by WHIP and WHEP with the test doing the HTTP, so that it
// sees and may change what is said.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { candidatePort, leadTo, startRelay } from './relay.mjs';
import { until } from './until.mjs';

// No GPU: without one, drawing each video frame by software GL costs twice what plain drawing does.
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-background-timer-throttling', '--disable-renderer-backgrounding',
  '--use-fake-device-for-media-stream=fps=10', '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];
const rtcSource = readFileSync(new URL('./page.js', import.meta.url), 'utf8');

export async function startBrowser({ executable = process.env.CHROMIUM ?? '/usr/bin/chromium' } = {}) {
  const browser = await chromium.launch({ executablePath: executable, headless: true, args });
  // Cameras are for pages from localhost or HTTPS only, so about:blank will not do.
  const empty = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>test</title>'));
  await new Promise((done) => empty.listen(0, '127.0.0.1', done));
  return {
    async page() {
      const context = await browser.newContext();
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(`page: ${error.message}`));
      await page.addInitScript({ content: rtcSource });
      await page.goto(`http://127.0.0.1:${empty.address().port}/`);
      return page;
    },
    // A browser of somebody's own: cookies, storage, window size.
    context: (options = {}) => browser.newContext(options),
    async open(url) {
      const page = await (await browser.newContext()).newPage();
      page.on('pageerror', (error) => console.error(`page: ${error.message}`));
      await page.goto(url);
      return page;
    },
    async stop() {
      await browser.close();
      empty.close();
    },
  };
}

// POSTs the page's offer and gives it the answer, by way of a relay where `network` names its commands ([] for a good one).
async function connect(page, offer, server, path, { network, headers = {} } = {}) {
  const response = await server.get(path, { method: 'POST', headers: { 'Content-Type': 'application/sdp', ...headers }, body: offer });
  let answer = await response.text();
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${answer}`);
  let relay;
  if (network) {
    relay = await startRelay(candidatePort(answer), ...network);
    answer = leadTo(answer, relay.port);
  }
  await page.evaluate((sdp) => globalThis.rtc.accept(sdp), answer);
  const location = response.headers.get('location');
  await until(() => page.evaluate(() => globalThis.rtc.state() === 'connected' && true), { what: `${path} to connect` });
  return {
    page, relay, answer, offer, location, participant: response.headers.get('viadux-participant'),
    stats: () => page.evaluate(() => globalThis.rtc.stats()),
    async leave() {
      const { status } = await server.get(location, { method: 'DELETE' });
      await page.evaluate(() => globalThis.rtc.close());
      relay?.stop();
      return status;
    },
  };
}

// `media`: {width, height, fps, simulcast, maxBitrate, tone, codec}; codec may be a list.
export async function publish(browser, server, room, { media = {}, ...options } = {}) {
  const page = await browser.page();
  const offer = await page.evaluate((wish) => globalThis.rtc.offerToSend(wish), media);
  return connect(page, offer, server, `/whip/${room}`, options);
}

// `query`: more of the URL's query, as {audio: 'auto', stills: '1'}.
export async function play(browser, server, room, { audio = 1, video = 1, codec, except, query = {}, ...options } = {}) {
  const page = await browser.page();
  const offer = await page.evaluate((lines) => globalThis.rtc.offerToReceive(lines), { audio, video, codec });
  const asked = new URLSearchParams({ ...(except && { except }), ...query }).toString();
  return connect(page, offer, server, `/whep/${room}${asked && `?${asked}`}`, options);
}
