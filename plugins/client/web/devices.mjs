// Camera, microphone, speaker: choosing, remembering, what to do when they are refused, and how loud one is.
import { store } from './store.mjs';

const kept = () => { try { return JSON.parse(localStorage.getItem('viadux.devices')) ?? {}; } catch { return {}; } };
const kinds = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' };
let meter;

const wish = {
  audio: (id) => ({ echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(id && { deviceId: { exact: id } }) }),
  video: (id) => ({ width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 }, ...(id && { deviceId: { exact: id } }) }),
};

// With the devices chosen before, or with any where those are gone.
export async function getMedia({ audio, video }) {
  const { microphone, camera } = kept();
  const wanted = (chosen) => ({ ...(audio && { audio: wish.audio(chosen && microphone) }), ...(video && { video: wish.video(chosen && camera) }) });
  try {
    return await navigator.mediaDevices.getUserMedia(wanted(true));
  } catch (error) {
    if (!['OverconstrainedError', 'NotFoundError'].includes(error.name)) throw error;
    return navigator.mediaDevices.getUserMedia(wanted(false));
  }
}

// Opens what may be opened. `permission`: granted, partly (one of the two), refused, missing, busy.
export async function openDevices({ audio = true, video = true } = {}) {
  store.state.selfStream?.getTracks().forEach((track) => track.stop()); // many phones have one camera open at a time
  const chosen = kept();
  const stream = new MediaStream();
  let failure = '';
  const open = async (kinds) => {
    try {
      const opened = await getMedia(kinds);
      opened.getTracks().forEach((track) => stream.addTrack(track));
    } catch (error) {
      failure = { NotAllowedError: 'refused', SecurityError: 'refused', NotFoundError: 'missing', OverconstrainedError: 'missing' }[error.name] ?? 'busy';
    }
  };
  if (!navigator.mediaDevices?.getUserMedia) {
    failure = 'missing';
  } else {
    await open({ audio, video });
    // One of the two may be there all the same.
    if (failure && audio && video) {
      const both = failure;
      await open({ audio });
      await open({ video });
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
  old?.stop();
  try {
    const opened = await navigator.mediaDevices.getUserMedia(video ? { video: wish.video(deviceId) } : { audio: wish.audio(deviceId) });
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

export function useStream(stream) {
  // A new object, so that whoever draws sees the difference.
  store.set({ selfStream: new MediaStream(stream.getTracks()) });
  blurAsBefore(stream.getVideoTracks()[0]);
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

// The blur that some cameras and systems do themselves (Media Capture Extensions), where it can be turned on and off.
export function canBlur(track) {
  const can = track?.getCapabilities?.().backgroundBlur ?? [];
  return can.includes(true) && can.includes(false);
}
export const blurs = (track) => track?.getSettings?.().backgroundBlur === true;
// Remembered for the next camera and the next meeting; resolves to whether it is as wished.
export async function blur(track, on) {
  localStorage.setItem('viadux.blur', on ? 'yes' : '');
  await track.applyConstraints({ backgroundBlur: on }).catch(() => {});
  store.set({}); // what the camera says of itself has changed
  return blurs(track) === on;
}
function blurAsBefore(track) {
  if (localStorage.getItem('viadux.blur') && canBlur(track)) blur(track, true);
}
