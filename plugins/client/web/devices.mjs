// Camera, microphone, speaker: choosing, remembering, what to do when they are refused, and how loud one is.
import { store } from './store.mjs';

const kept = () => { try { return JSON.parse(localStorage.getItem('viadux.devices')) ?? {}; } catch { return {}; } };
const kinds = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' };
let meter;

const wish = {
  audio: (id) => ({ echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(id && { deviceId: { ideal: id } }) }),
  video: (id) => ({ width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 }, ...(id && { deviceId: { ideal: id } }) }),
};

// Opens what may be opened. `permission`: granted, partly (one of the two), refused, missing, busy.
export async function openDevices({ audio = true, video = true } = {}) {
  const chosen = kept();
  const stream = new MediaStream();
  let failure = '';
  const open = async (constraints) => {
    try {
      const opened = await navigator.mediaDevices.getUserMedia(constraints);
      opened.getTracks().forEach((track) => stream.addTrack(track));
    } catch (error) {
      failure = { NotAllowedError: 'refused', SecurityError: 'refused', NotFoundError: 'missing', OverconstrainedError: 'missing' }[error.name] ?? 'busy';
    }
  };
  if (!navigator.mediaDevices?.getUserMedia) {
    failure = 'missing';
  } else {
    await open({ ...(audio && { audio: wish.audio(chosen.microphone) }), ...(video && { video: wish.video(chosen.camera) }) });
    // One of the two may be there all the same.
    if (failure && audio && video) {
      const both = failure;
      await open({ audio: wish.audio(chosen.microphone) });
      await open({ video: wish.video(chosen.camera) });
      failure = stream.getTracks().length > 0 ? 'partly' : both;
    }
  }
  const permission = failure || 'granted';
  const devices = await listDevices();
  useStream(stream);
  store.set({ permission, devices, chosen: { ...chosen, ...settingsOf(stream) } });
  return stream;
}

function settingsOf(stream) {
  const id = (track) => track?.getSettings?.().deviceId;
  const out = {};
  if (stream.getVideoTracks()[0]) out.camera = id(stream.getVideoTracks()[0]);
  if (stream.getAudioTracks()[0]) out.microphone = id(stream.getAudioTracks()[0]);
  return out;
}

export async function listDevices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return all.filter((device) => device.deviceId).map(({ kind, deviceId, label }) => ({ kind, deviceId, label }));
}

// Another camera or microphone; resolves to the new track, or null where it could not be opened.
export async function choose(what, deviceId) {
  const chosen = { ...kept(), [what]: deviceId };
  localStorage.setItem('viadux.devices', JSON.stringify(chosen));
  store.set({ chosen: { ...store.state.chosen, [what]: deviceId } });
  if (what === 'speaker') {
    for (const element of document.querySelectorAll('audio, video')) element.setSinkId?.(deviceId).catch(() => {});
    return null;
  }
  const video = what === 'camera';
  const stream = store.state.selfStream ?? new MediaStream();
  const old = (video ? stream.getVideoTracks() : stream.getAudioTracks())[0];
  old?.stop(); // many phones have one camera open at a time
  try {
    const opened = await navigator.mediaDevices.getUserMedia(video ? { video: { ...wish.video(), deviceId: { exact: deviceId } } }
      : { audio: { ...wish.audio(), deviceId: { exact: deviceId } } });
    const [track] = opened.getTracks();
    if (old) stream.removeTrack(old);
    stream.addTrack(track);
    useStream(stream);
    return track;
  } catch {
    store.set({ permission: 'busy' });
    return null;
  }
}

export const ofKind = (devices, what) => devices.filter((device) => device.kind === kinds[what]);

function useStream(stream) {
  // A new object, so that whoever draws sees the difference.
  store.set({ selfStream: new MediaStream(stream.getTracks()) });
  listen(stream);
}

// How loud one is, 0 to 1, also while muted: from a copy of the track that nobody is sent.
function listen(stream) {
  meter?.stop();
  meter = undefined;
  const [track] = stream.getAudioTracks();
  if (!track || !globalThis.AudioContext) return;
  const copy = track.clone();
  copy.enabled = true;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  context.createMediaStreamSource(new MediaStream([copy])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const db = 10 * Math.log10(sum / samples.length + 1e-9);
    const level = Math.max(0, Math.min(1, (db + 60) / 50));
    for (const tell of meters) tell(level);
  }, 120);
  meter = { stop() { clearInterval(timer); copy.stop(); context.close(); } };
}
export const meters = new Set();

// A tone, for trying the speaker.
export function playTone() {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 520 });
  const gain = new GainNode(context, { gain: 0 });
  tone.connect(gain);
  const sink = store.state.chosen.speaker;
  const start = () => {
    gain.connect(context.destination);
    gain.gain.setTargetAtTime(0.25, context.currentTime, 0.03);
    gain.gain.setTargetAtTime(0, context.currentTime + 0.7, 0.08);
    tone.start();
    tone.stop(context.currentTime + 1.2);
    tone.onended = () => context.close();
  };
  if (sink && context.setSinkId) context.setSinkId(sink).then(start, start);
  else start();
}

export function stopDevices() {
  meter?.stop();
  meter = undefined;
  store.state.selfStream?.getTracks().forEach((track) => track.stop());
  store.set({ selfStream: null });
}

// The blur that some cameras and systems do themselves (Media Capture Extensions); true where it took effect.
export function canBlur(track) { return Boolean(track?.getCapabilities?.().backgroundBlur?.includes(true)); }
export async function blur(track, on) {
  try {
    await track.applyConstraints({ backgroundBlur: on });
    return track.getSettings().backgroundBlur === on;
  } catch {
    return false;
  }
}
