// What the buttons do. Each says so where the server refuses.
import { announce } from './announce.mjs';
import { blur, blurs, canBlur, choose, getMedia, openDevices, useStream } from './devices.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const meeting = () => globalThis.viadux.meeting;
const api = () => meeting().api;

export function toast(text, kind = 'info') {
  const mine = { text, kind };
  store.set({ toast: mine });
  announce(text);
  setTimeout(() => { if (store.state.toast === mine) store.set({ toast: null }); }, 6000);
}
export async function ask(promise) {
  try {
    return await promise;
  } catch {
    toast(t('refused.action'), 'problem');
    return undefined;
  }
}

// ---- oneself
export async function toggleMicrophone() {
  const { mutedByHost } = store.state;
  if (mutedByHost) return void api().person('unmute').catch(() => toast(t('hint.mutedByHost'), 'problem'));
  const silent = store.state.muted || !store.hasSound();
  if (!store.hasSound()) {
    await openDevices({ video: store.state.camera });
    if (!store.hasSound()) return void toast(t('permission.microphone'), 'problem');
    await sendDevices();
  }
  store.set({ muted: !silent, hint: '' });
  const [track] = store.state.selfStream.getAudioTracks();
  track.enabled = silent;
  if (!meeting()?.api.token) return;
  announce(t(silent ? 'say.unmuted' : 'say.muted'));
  api().person(silent ? 'client_unmute' : 'client_mute').catch(() => {});
}

export async function toggleCamera() {
  const on = !store.hasPicture();
  store.set({ camera: on });
  const stream = store.state.selfStream;
  if (!on) {
    for (const track of stream?.getVideoTracks() ?? []) { // the camera's lamp goes out
      track.stop();
      stream.removeTrack(track);
    }
    store.set({ selfStream: stream && new MediaStream(stream.getTracks()) });
  } else if (!stream?.getVideoTracks().length) {
    try {
      const opened = await getMedia({ video: true });
      const all = [...(store.state.selfStream?.getAudioTracks() ?? []), ...opened.getVideoTracks()];
      useStream(new MediaStream(all));
    } catch {
      store.set({ camera: false });
      return toast(t('permission.camera'), 'problem');
    }
  }
  if (!meeting()?.api.token) return;
  await meeting().connection.send({ video: meeting().tracks().video });
  announce(t(on ? 'say.cameraOn' : 'say.cameraOff'));
  api().person(on ? 'video_unmuted' : 'video_muted').catch(() => {});
}

export async function chooseDevice(what, deviceId) {
  const track = await choose(what, deviceId);
  if (track) await sendDevices();
}
// After a refusal that has been taken back, say.
export async function tryDevicesAgain() {
  await openDevices();
  await sendDevices();
}
async function sendDevices() {
  if (!meeting()?.api.token) return;
  await meeting().connection.send(meeting().tracks());
  meeting().apply();
}

export async function toggleHand() {
  const up = Boolean(meeting().me?.buzz_time);
  await ask(api().person(up ? 'clearbuzz' : 'buzz'));
  announce(t(up ? 'say.handDown' : 'say.handUp'));
}

// A sound channel; '' is what all say.
export const hear = (channel) => ask(api().person('channels', { hears: channel }));

export function leave() {
  meeting().end('left');
}

// ---- presenting
export async function togglePresentation() {
  const here = meeting();
  if (store.state.presenting) return here.stopPresenting({});
  if (!navigator.mediaDevices?.getDisplayMedia) return toast(t('present.cannot'), 'problem');
  let stream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
  } catch {
    return undefined; // changed their mind
  }
  const [track] = stream.getVideoTracks();
  track.contentHint = 'detail';
  try {
    await api().person('take_floor');
    await here.connection.call.present(track);
  } catch {
    track.stop();
    return toast(t('present.refused'), 'problem');
  }
  store.set({ presenting: true, presenter: '' });
  announce(t('say.youPresent'));
  track.onended = () => here.stopPresenting({});
  here.stopPresenting = async ({ taken }) => {
    here.stopPresenting = undefined;
    track.onended = null;
    track.stop();
    store.set({ presenting: false });
    if (!taken) await here.api.person('release_floor').catch(() => {});
    await here.connection?.call?.stopPresenting().catch(() => {});
    announce(t('say.youPresentNoMore'));
  };
  return undefined;
}

// ---- chat
export async function say(text) {
  const sent = await ask(api().post('/message', { type: 'text/plain', payload: text }));
  if (sent === undefined) return false;
  store.set({ messages: [...store.state.messages, { from: '', mine: true, text, at: Date.now() }].slice(-500) });
  return true;
}

// ---- hosts
export const admit = (uuid) => ask(api().person('unlock', undefined, uuid));
export const remove = (uuid) => ask(api().person('disconnect', undefined, uuid));
export const mute = (uuid, muted) => ask(api().person(muted ? 'mute' : 'unmute', undefined, uuid));
export const spotlight = (uuid, on) => ask(api().person(on ? 'spotlighton' : 'spotlightoff', undefined, uuid));
export const setRole = (uuid, host) => ask(api().person('role', { role: host ? 'chair' : 'guest' }, uuid));
export const interpret = (uuid, channel) => ask(api().person('channels', { speaks_in: channel }, uuid));
export const lowerHand = (uuid) => ask(api().person('clearbuzz', undefined, uuid));
export const lock = (on) => ask(api().post(on ? '/lock' : '/unlock'));
export const muteGuests = (on) => ask(api().post(on ? '/muteguests' : '/unmuteguests'));
export const lowerAllHands = () => ask(api().post('/clearallbuzz'));
export const startMeeting = () => ask(api().post('/start_conference'));
export const endForAll = () => ask(api().post('/disconnect'));
export const invite = (destination) => ask(api().post('/dial', { destination, protocol: 'auto', role: 'GUEST' }));
// The word: seen by all, heard, and no longer in the queue.
export async function giveWord(person) {
  if (person.is_muted === 'YES') await mute(person.uuid, false);
  await spotlight(person.uuid, true);
  await lowerHand(person.uuid);
}
export async function takeWord(person) {
  await spotlight(person.uuid, false);
  await mute(person.uuid, true);
}

// ---- a room system's camera, and one's own where somebody may steer it
const moves = { left: ['pan', 'left'], right: ['pan', 'right'], up: ['tilt', 'up'], down: ['tilt', 'down'], closer: ['zoom', 'in'], further: ['zoom', 'out'] };
export const steer = (uuid, where) => ask(api().person('fecc', {
  action: 'start', movement: [{ axis: moves[where][0], direction: moves[where][1] }], timeout: 1000 }, uuid));
export const canSteer = (person) => person.fecc_supported === 'YES' && ['sip', 'h323'].includes(person.protocol);

// ---- the background
const camera = () => store.state.selfStream?.getVideoTracks()[0];
export const mayBlur = () => canBlur(camera());
export const isBlurred = () => blurs(camera());
export async function toggleBlur() {
  if (!await blur(camera(), !isBlurred())) toast(t('blur.cannot'), 'problem');
}
