// People who use the web page, for the tests in this folder: each in a browser context of their own, with a small moving
// camera in one colour and a voice that is one tone.
import assert from 'node:assert/strict';
import { until } from '../harness/until.mjs';

// In the page, before its own scripts: the camera and microphone of a test. Without a tone (`hertz`) it is the browser's
// own microphone.
export function fakeDevices({ colour, hertz, refuse, h264 }) {
  const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  const camera = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const pen = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 320, 180);
      pen.fillStyle = '#fff';
      pen.fillRect((frame++ * 7) % 320, 80, 20, 20);
    }, 100);
    return canvas.captureStream(10).getVideoTracks()[0];
  };
  const voice = () => {
    const context = new AudioContext({ sampleRate: 48000 });
    const tone = new OscillatorNode(context, { frequency: hertz });
    const out = context.createMediaStreamDestination();
    tone.connect(new GainNode(context, { gain: 0.2 })).connect(out);
    tone.start();
    return out.stream.getAudioTracks()[0];
  };
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (refuse && globalThis.refusing !== false) throw new DOMException('no', refuse);
    if (!colour) return real(wanted);
    const own = wanted.audio && !hertz ? (await real({ audio: true })).getAudioTracks() : [];
    return new MediaStream([...own, ...(wanted.audio && hertz ? [voice()] : []), ...(wanted.video ? [camera()] : [])]);
  };
  if (navigator.mediaDevices) navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const pen = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, 640, 360);
      pen.fillStyle = '#123';
      pen.font = '40px sans-serif';
      pen.fillText(`Plan ${frame++}`, 60, 100);
    }, 100);
    return canvas.captureStream(10);
  };
  if (h264) { // as phones whose chip knows nothing else
    const all = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
    RTCRtpReceiver.getCapabilities = (kind) => ({ ...all(kind), codecs: all(kind).codecs.filter(({ mimeType }) => kind === 'audio' || /h264/i.test(mimeType)) });
  }
}

// In the page: all that a screen reader was told, as it was told; it is gone from the page after some seconds.
export function keepWhatIsSaid() {
  globalThis.heard = [];
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) if (/^say/.test(target.id)) for (const line of addedNodes) globalThis.heard.push(line.textContent);
  }).observe(document, { childList: true, subtree: true });
}

export const colours = { anna: '#c03030', bo: '#3050c0', carl: '#30a050', dora: '#b0a020', else: '#a030a0' };

export async function open(rig, { path = '/demo', name = 'anna', hertz = 500, refuse, h264, language = 'en', colour = colours[name], ...context } = {}) {
  const made = await rig.browser.context({ locale: language === 'da' ? 'da-DK' : 'en-GB', viewport: { width: 1280, height: 800 }, ...context });
  const page = await made.newPage();
  const errors = [];
  page.on('pageerror', (error) => { errors.push(error.message); console.error(`page: ${error.message}`); });
  page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) errors.push(message.text()); });
  await page.addInitScript(fakeDevices, { colour, hertz, refuse, h264 });
  await page.addInitScript(keepWhatIsSaid);
  await page.goto(rig.server.url + path);
  await page.waitForSelector('h1');
  return new Person(page, made, name, errors);
}

// Anna and Bo in the meeting at `path`, one after the other; `before(bo)` may change Bo's network.
export async function openTwo(rig, { path = '/demo', before } = {}) {
  const anna = await open(rig, { path, name: 'anna', hertz: 500 });
  const bo = await open(rig, { path, name: 'bo', hertz: 900 });
  await before?.(bo);
  for (const person of [anna, bo]) {
    await person.join();
    await person.inside();
  }
  return [anna, bo];
}

export async function seeAndHearEachOther(anna, bo) {
  await anna.sees('bo');
  await bo.sees('anna');
  await anna.hears();
  await bo.hears();
  await anna.framesComing(10);
  await bo.framesComing(10);
}

export class Person {
  constructor(page, context, name, errors) { Object.assign(this, { page, context, name, errors }); }
  async join({ pin, guest = false } = {}) {
    await this.page.fill('#name', this.name);
    await this.page.click('#join');
    if (guest || pin) await this.page.waitForSelector('#pin');
    if (guest) await this.page.click('#guest');
    if (pin) {
      await this.page.fill('#pin', pin);
      await this.page.click('#with-pin');
    }
    return this;
  }
  inside() { return this.page.waitForSelector('.room', { timeout: 15000 }); }
  click(selector) { return this.page.click(selector); }
  text(selector) { return this.page.textContent(selector); }
  // Statistics of what comes in: frames decoded in all, by line; energy of all sound.
  media() {
    return this.page.evaluate(async () => {
      const pc = globalThis.viadux.meeting?.connection?.call?.pc;
      if (!pc) return { frames: 0, energy: 0, sent: 0 };
      const out = { frames: 0, energy: 0, sent: 0, lines: {}, state: pc.connectionState };
      for (const entry of (await pc.getStats()).values()) {
        if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
          out.frames += entry.framesDecoded ?? 0;
          out.lines[entry.mid] = entry.framesDecoded ?? 0;
        }
        if (entry.type === 'inbound-rtp' && entry.kind === 'audio') out.energy += entry.totalAudioEnergy ?? 0;
        if (entry.type === 'outbound-rtp') out.sent += entry.packetsSent ?? 0;
      }
      return out;
    });
  }
  // Colour in the middle of each tile's picture: [{uuid, colour: [r, g, b]}].
  tiles() {
    return this.page.evaluate(() => [...document.querySelectorAll('.tile')].map((tile) => {
      const video = tile.querySelector('video');
      const name = tile.querySelector('.name')?.textContent ?? '';
      const box = tile.getBoundingClientRect();
      const seen = { name, slides: tile.classList.contains('slides'), width: box.width, height: box.height, large: tile.classList.contains('large') };
      if (!video || !video.videoWidth) return seen;
      const canvas = new OffscreenCanvas(16, 9);
      const pen = canvas.getContext('2d');
      pen.drawImage(video, 0, 0, 16, 9);
      return { ...seen, colour: [...pen.getImageData(3, 2, 1, 1).data.slice(0, 3)] };
    }));
  }
  async sees(other) {
    const [r, g, b] = colours[other].slice(1).match(/../g).map((part) => parseInt(part, 16));
    const seen = async () => (await this.tiles()).find((tile) => tile.name === other && tile.colour
      && Math.abs(tile.colour[0] - r) + Math.abs(tile.colour[1] - g) + Math.abs(tile.colour[2] - b) < 90);
    try {
      return await until(seen, { what: `${this.name} to see ${other}'s colour in ${other}'s tile`, timeout: 40000 });
    } catch (error) {
      const slots = await this.page.evaluate(() => globalThis.viadux.store.state.slots.filter((slot) => slot.participant_uuid));
      throw new Error(`${error.message}\ntiles ${JSON.stringify(await this.tiles())}\nslots ${JSON.stringify(slots)}\nmedia ${JSON.stringify(await this.media())}`);
    }
  }
  // Both begin anew where another call takes the place of the one that was there, and counts from nothing.
  async hears() {
    let { energy: from } = await this.media();
    const grows = async () => {
      const { energy } = await this.media();
      from = Math.min(from, energy);
      return energy > from + 0.001;
    };
    return until(grows, { what: `${this.name} to hear somebody`, timeout: 15000 });
  }
  async framesComing(count = 5) {
    let { frames: from } = await this.media();
    const come = async () => {
      const { frames } = await this.media();
      from = Math.min(from, frames);
      return frames >= from + count;
    };
    return until(come, { what: `${count} more frames for ${this.name}`, timeout: 20000 });
  }
  // Something that a screen reader was told; each is found once.
  hasSaid(pattern) {
    return until(() => this.page.evaluate(({ source, flags }) => {
      const at = globalThis.heard.findIndex((line) => new RegExp(source, flags).test(line));
      if (at >= 0) globalThis.heard.splice(at, 1);
      return at >= 0;
    }, { source: pattern.source, flags: pattern.flags }), { what: `${this.name} to be told ${pattern}` });
  }
  async close() {
    await this.page.evaluate(() => globalThis.viadux.meeting?.end('left')); // a context that closes tells the server nothing
    assert.deepEqual(this.errors, [], `${this.name}'s page had no errors`);
    await this.context.close();
  }
}
