// Keeps a media connection alive: opens it, finds the way again after a lost network or a server's restart, and lets
// the own picture rest on a bad line. Tells by `trouble` what it is doing.
import { Call } from './call.mjs';
import { LineJudge } from './line.mjs';
import { note } from './log.mjs';

const shaky_ms = 1500;
const connect_ms = 8000;
const stalled_s = 4;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
// Until then, or until the browser has a network again.
const waitForNetwork = (ms) => new Promise((done) => {
  const timer = setTimeout(over, ms);
  function over() { clearTimeout(timer); removeEventListener('online', over); done(); }
  addEventListener('online', over);
});

export class Connection {
  // `tracks()` gives {audio, video} to send; `expects()` says whether others' media should be coming.
  constructor(api, { slots, servers, relayOnly, tracks, expects, onMedia, onTrouble, onPicture, onGone }) {
    Object.assign(this, { api, slots, servers, relayOnly, tracks, expects, onMedia, onTrouble, onPicture, onGone });
    this.judge = new LineJudge();
    this.crowd = false;
    this.closed = false;
  }

  async start() {
    this.seconds = setInterval(() => this.second(), 1000);
    await this.repair({ first: true });
  }

  makeCall() {
    const call = new Call(this.api, { slots: this.slots, servers: this.servers, relayOnly: this.relayOnly, on: (what, data) => {
      if (what === 'state') this.onState(call, data);
      else if (call === this.call) this.onMedia();
    } });
    return call;
  }

  onState(call, state) {
    if (call !== this.call || this.closed) return;
    if (state === 'connected') return this.onTrouble('');
    if (state === 'broken') return void this.repair();
    if (state === 'shaky') setTimeout(() => {
      if (call === this.call && call.said === 'shaky') this.repair();
    }, shaky_ms);
  }

  // One at a time, until it is connected again or the meeting is over.
  async repair({ first = false } = {}) {
    if (this.repairing || this.closed) return;
    this.repairing = true;
    if (!first) this.onTrouble('reconnecting');
    for (let attempt = 0; !this.closed; attempt++) {
      try {
        if (attempt === 0 && this.call && this.call.said === 'shaky') {
          await this.call.update({ iceRestart: true });
          if (await this.comes(this.call, 4000)) break;
        }
        if (await this.replace()) break;
      } catch (error) {
        note('connect', `${error.name} ${error.message}`);
        if (error.status === 401 || error.status === 403) await this.onGone(error);
      }
      this.onTrouble(navigator.onLine === false ? 'offline' : 'reconnecting');
      await waitForNetwork(Math.min(4000, 500 * 2 ** attempt));
    }
    this.repairing = false;
    if (this.closed) return;
    this.judge.reset();
    this.onTrouble('');
    this.onMedia();
  }

  // A new call beside the old one, which goes when the new one is there: the last pictures stay until then.
  async replace() {
    const call = this.makeCall();
    const old = this.call;
    try {
      await call.send(this.tracks());
      await call.open();
    } catch (error) {
      call.close();
      throw error;
    }
    if (this.closed) { call.hangUp(); return true; }
    this.call = call;
    await this.reshape();
    this.onMedia();
    old?.hangUp();
    const connected = await this.comes(call, connect_ms);
    if (!connected) note('connect', `not within ${connect_ms} ms: ${call.pc.iceConnectionState}`);
    return connected;
  }

  async comes(call, patience_ms) {
    const until = Date.now() + patience_ms;
    while (Date.now() < until && !this.closed) {
      if (call.pc.connectionState === 'connected') return true;
      if (call.pc.connectionState === 'failed') return false;
      await wait(100);
    }
    return this.closed;
  }

  async second() {
    const { call } = this;
    if (!call || call.closed || this.repairing) return;
    const line = await call.line().catch(() => null);
    if (!line || call !== this.call) return;
    const rests = this.judge.second(line);
    if (rests !== this.rests) {
      this.rests = rests;
      this.onPicture(!rests);
      await this.reshape();
    }
    const moves = line.received !== this.received;
    this.received = line.received;
    this.still = moves || !this.expects() ? 0 : (this.still ?? 0) + 1;
    if (this.still >= stalled_s) {
      this.still = 0;
      note('stalled');
      this.repair();
    }
  }

  reshape() { return this.call?.shape({ picture: !this.rests, crowd: this.crowd }); }
  setCrowd(crowd) {
    if (crowd === this.crowd) return;
    this.crowd = crowd;
    this.reshape();
  }
  async send(tracks) { await this.call?.send(tracks); }

  close() {
    this.closed = true;
    clearInterval(this.seconds);
    this.call?.hangUp();
  }
}
