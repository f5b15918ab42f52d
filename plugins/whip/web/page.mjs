import { Player, Publisher, Refused } from './whip.mjs';
import { texts } from './texts.mjs';

const VIDEO_SLOTS = 4; // pictures shown at a time
const AUDIO_SLOTS = 3; // voices heard at a time
const RETRY_MS = [500, 1000, 2000, 4000, 8000]; // the last one repeats

const byId = (id) => document.getElementById(id);
let language = navigator.language.startsWith('da') ? 'da' : 'en';
let said = ['', {}];
let meeting = null; // {publisher?, player, stream?, timer, retries}

function text(key, values = {}) {
  return (texts[language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

function say(key, values) {
  said = [key, values];
  byId('status').textContent = key ? text(key, values) : '';
}

function speak(chosen) {
  language = chosen;
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll('[data-person]')) node.textContent = text('person', { n: node.dataset.person });
  byId('people').setAttribute('aria-label', text('people'));
  for (const code of ['en', 'da']) byId(`lang-${code}`).setAttribute('aria-pressed', String(code === language));
  say(...said);
}

function endpoint(kind, room, except) {
  // Beside the folder of this page: both move together behind a proxy's prefix.
  const url = new URL(`../${kind}/${encodeURIComponent(room)}`, location.href);
  if (except) url.searchParams.set('except', except);
  return url.href;
}

function camera() {
  if (!navigator.mediaDevices) throw Object.assign(new Error(), { name: 'InsecureError' });
  return navigator.mediaDevices.getUserMedia({ audio: true, video: { width: { ideal: 1280 }, height: { ideal: 720 } } });
}

function tile(number) {
  const figure = document.createElement('figure');
  figure.hidden = true;
  figure.className = 'person';
  const video = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true, muted: true });
  const caption = document.createElement('figcaption');
  caption.dataset.person = String(number);
  caption.textContent = text('person', { n: number });
  figure.append(video, caption);
  byId('people').append(figure);
  return figure;
}

function show(tracks) {
  for (const old of document.querySelectorAll('.person, audio')) old.remove();
  let number = 0;
  for (const track of tracks) {
    if (track.kind === 'video') {
      tile(++number).querySelector('video').srcObject = new MediaStream([track]);
    } else {
      const audio = Object.assign(document.createElement('audio'), { autoplay: true, srcObject: new MediaStream([track]) });
      byId('people').append(audio);
    }
  }
}

// A slot that nobody fills decodes nothing: its tile is hidden until a picture moves in it again.
async function watchSlots(state) {
  const frames = new Map();
  state.timer = setInterval(async () => {
    const stats = await state.player.pc.getStats();
    let shown = 0;
    const tiles = [...document.querySelectorAll('.person')];
    for (const report of stats.values()) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue;
      const position = tiles.findIndex((each) => each.querySelector('video').srcObject.getVideoTracks()[0].id === report.trackIdentifier);
      if (position < 0) continue;
      const moves = report.framesDecoded > (frames.get(report.id) ?? 0);
      frames.set(report.id, report.framesDecoded);
      tiles[position].hidden = !moves;
      if (moves) shown++;
    }
    if (meeting !== state) return;
    say(shown === 0 && state.publisher ? 'alone' : state.publisher ? 'connected' : 'watching');
  }, 1000);
}

async function connect(state, room) {
  if (state.stream) {
    state.publisher = new Publisher();
    await state.publisher.start(endpoint('whip', room), state.stream);
  }
  state.player = new Player();
  const tracks = await state.player.start(endpoint('whep', room, state.publisher?.participant),
                                          { audio: AUDIO_SLOTS, video: VIDEO_SLOTS });
  show(tracks);
  const lost = () => reconnect(state, room);
  state.player.onlost = lost;
  if (state.publisher) state.publisher.onlost = lost;
  await watchSlots(state);
  state.retries = 0;
}

async function disconnect(state) {
  clearInterval(state.timer);
  await Promise.all([state.player?.close(), state.publisher?.close()]);
}

async function reconnect(state, room) {
  if (meeting !== state) return;
  say('lost');
  await disconnect(state);
  const delay = RETRY_MS[Math.min(state.retries++, RETRY_MS.length - 1)];
  await new Promise((done) => setTimeout(done, delay));
  if (meeting !== state) return;
  try {
    await connect(state, room);
  } catch (error) {
    if (error instanceof Refused) return end(error);
    reconnect(state, room);
  }
}

function explain(error) {
  if (error instanceof Refused) return say('refused', { reason: error.message });
  if (error.name === 'NotAllowedError') return say('camera_refused');
  if (error.name === 'InsecureError') return say('camera_insecure');
  if (['NotFoundError', 'NotReadableError', 'OverconstrainedError'].includes(error.name)) return say('camera_missing');
  say('failed', { reason: error.message });
}

async function end(error) {
  const state = meeting;
  meeting = null;
  if (state) {
    await disconnect(state);
    state.stream?.getTracks().forEach((track) => track.stop());
  }
  show([]);
  byId('self').hidden = true;
  for (const id of ['room', 'with-camera', 'watch']) byId(id).disabled = false;
  byId('leave').hidden = true;
  error ? explain(error) : say('left');
}

async function begin(withCamera) {
  const room = byId('room').value.trim();
  if (!room || meeting) return;
  for (const id of ['room', 'with-camera', 'watch']) byId(id).disabled = true;
  byId('leave').hidden = false;
  const state = meeting = { retries: 0 };
  try {
    if (withCamera) {
      say('asking');
      state.stream = await camera();
      byId('self-view').srcObject = state.stream;
      byId('self').hidden = false;
    }
    say('connecting');
    await connect(state, room);
  } catch (error) {
    await end(error);
  }
}

byId('join').addEventListener('submit', (event) => { event.preventDefault(); begin(true); });
byId('watch').addEventListener('click', () => begin(false));
byId('leave').addEventListener('click', () => end());
byId('lang-en').addEventListener('click', () => speak('en'));
byId('lang-da').addEventListener('click', () => speak('da'));
addEventListener('pagehide', () => { if (meeting) disconnect(meeting); });
const asked = new URLSearchParams(location.search).get('room');
if (asked) byId('room').value = asked;
speak(language);
