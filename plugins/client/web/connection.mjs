// Keeps a media connection alive: opens it, finds the way again after a lost network or a server's restart, and lets
// the own picture rest on a bad line. Tells by `trouble` what it is doing, and by `onFailed` that it is of no use.
import { Unreached } from './api.mjs';
import { Call, TooLong } from './call.mjs';
import { LineJudge } from './line.mjs';
import { note } from './log.mjs';

const shaky_ms = 1500;
const connect_ms = 8000;
const stalled_s = 4;
const settle_s = 6;
// Without a network it is tried for long, as networks come back; what the server or the browser refuses is not.
const most_tries = 7;
const most_first_tries = 4; // where there has never been any sound or picture
export const longest_ms = 15 * 60000;
const never_taken = [400, 413, 415, 422]; // asked again, it would be refused again
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
// Until then, or until the browser has a network again.
const waitForNetwork = (ms) => new Promise((done) => {
  const timer = setTimeout(over, ms);
  function over() { clearTimeout(timer); removeEventListener('online', over); done(); }
  addEventListener('online', over);
});

export class Connection {
  // `tracks()` gives {audio, video} to send; `expects()` says whether others' media should be coming.
  // `onFailed(why)`: 'failed' (refused), 'blocked' (no media gets through) or 'lost'.
  constructor(api, { slots, tracks, expects, onMedia, onTrouble, onPicture, onGone, onFailed }) {
    Object.assign(this, { api, slots, tracks, expects, onMedia, onTrouble, onPicture, onGone, onFailed });
    this.judge = new LineJudge();
    this.crowd = false;
    this.alone = true;
    this.settling = settle_s;
    this.closed = false;
    this.spare = this.makeCall(); // for start(), which may be some time later
  }

  // So that start() finds it done.
  prepare() { this.spare.send(this.tracks()).catch(() => {}); }

  // `network`: {servers, relayOnly}, as RTCPeerConnection has them.
  async start(network) {
    this.network = network;
    this.seconds = setInterval(() => this.second(), 1000);
    await this.repair({ first: true });
  }

  makeCall() {
    const call = new Call(this.api, { slots: this.slots, on: (what, data) => {
      if (what === 'state') this.onState(call, data);
      else if (call === this.call) this.onMedia();
    } });
    return call;
  }

  onState(call, state) {
    if (call !== this.call || this.closed) return;
    if (state === 'connected') {
      this.worked = true;
      return this.onTrouble('');
    }
    if (state === 'broken') return void this.repair();
    if (state === 'shaky') setTimeout(() => {
      if (call === this.call && call.said === 'shaky') this.repair();
    }, shaky_ms);
  }

  // One at a time, until it is connected again, or the meeting is over, or it is of no use.
  async repair({ first = false } = {}) {
    if (this.repairing || this.closed) return;
    this.repairing = true;
    if (!first) this.onTrouble('reconnecting');
    let why;
    do {
      this.moved = false;
      why = await this.tryAgain();
    } while (this.moved && !why && !this.closed);
    this.repairing = false;
    if (this.closed) return;
    if (why) return void this.onFailed(why);
    this.judge.reset();
    this.onTrouble('');
    this.onMedia();
  }

  // To the room that `api.callRoom` names now, also where a repair is under way.
  async move() {
    this.moved = true;
    await this.repair({ first: true });
  }

  // Resolves to '' when it is connected, else to why not.
  async tryAgain() {
    const began = Date.now();
    let refused = 0;
    let why = 'lost';
    for (let attempt = 0; !this.closed; attempt++) {
      try {
        if (attempt === 0 && this.call?.said === 'shaky') {
          await this.call.update({ iceRestart: true });
          if (await this.comes(this.call, 4000)) return '';
        }
        if (await this.replace()) return '';
        [refused, why] = [refused + 1, 'blocked'];
      } catch (error) {
        note('connect', `${error.name} ${error.status ?? ''} ${error.message}`);
        if (never_taken.includes(error.status)) return 'failed';
        if (error.status === 401 || error.status === 403) await this.onGone(error);
        if (!(error instanceof Unreached)) [refused, why] = [refused + 1, 'failed'];
      }
      if (refused >= (this.worked ? most_tries : most_first_tries) || Date.now() - began > longest_ms) return why;
      if (this.closed) break;
      this.onTrouble(navigator.onLine === false ? 'offline' : 'reconnecting');
      await waitForNetwork(Math.min(8000, 500 * 2 ** attempt));
    }
    return '';
  }

  // A new call beside the old one, which goes when the new one is there: the last pictures stay until then.
  async replace() {
    const call = this.spare ?? this.makeCall();
    this.spare = undefined;
    const old = this.call;
    try {
      await call.send(this.tracks());
      await call.open(this.network);
    } catch (error) {
      call.close();
      if (!(error instanceof TooLong) || this.slots <= 1) throw error;
      this.slots = Math.ceil(this.slots / 2); // fewer pictures are better than none
      note('connect', `${error.message}; now with ${this.slots} pictures`);
      return this.replace();
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
    // Who is alone sends next to nothing, and the browser's estimate says as little; it grows again when others come.
    this.settling = this.alone ? settle_s : Math.max(0, this.settling - 1);
    const rests = this.judge.second(this.settling > 0 ? { available: 0, lost: 0 } : line);
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
  // How many there are, oneself among them.
  setPeople(count) {
    this.alone = count < 2;
    const crowd = count > 2;
    if (crowd === this.crowd) return;
    this.crowd = crowd;
    this.reshape();
  }
  async send(tracks) { await this.call?.send(tracks); }

  close() {
    this.closed = true;
    clearInterval(this.seconds);
    this.spare?.close();
    this.call?.hangUp();
  }
}
