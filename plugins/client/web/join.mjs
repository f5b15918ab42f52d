// Before the meeting: whom to be, what to be seen and heard by, and a PIN where one is needed.
import { html, useEffect, useState } from './vendor/preact.mjs';
import { chooseDevice, isBlurred, mayBlur, toggleBlur, toggleCamera, toggleMicrophone, tryDevicesAgain } from './actions.mjs';
import { listDevices, ofKind, openDevices, playTone } from './devices.mjs';
import { AllowPicture, Icon } from './icons.mjs';
import { Meeting } from './meeting.mjs';
import { Button, Heading, Meter, useStore, Video } from './parts.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

export function DeviceChoice() {
  const { devices, chosen } = useStore();
  const one = (what) => {
    const list = ofKind(devices, what);
    if (list.length === 0) return null;
    return html`<label class="field"><span>${t(`devices.${what}`)}</span>
      <select value=${list.some((device) => device.deviceId === chosen[what]) ? chosen[what] : list[0].deviceId} onChange=${(event) => chooseDevice(what, event.target.value)}>
        ${list.map((device, i) => html`<option value=${device.deviceId}>${device.label || `${t(`devices.${what}`)} ${i + 1}`}</option>`)}
      </select></label>`;
  };
  return html`<div class="devices">${one('camera')}
    ${mayBlur() && html`<button type="button" id="blur" class="button wide" aria-pressed=${isBlurred()} onClick=${toggleBlur}><${Icon} name="blur" /><span>${t(isBlurred() ? 'blur.off' : 'blur.on')}</span></button>`}
    ${one('microphone')}<${Meter} />${one('speaker')}
    <button type="button" class="button wide" onClick=${playTone}><${Icon} name="sound" /><span>${t('devices.test')}</span></button></div>`;
}

// In words and with a picture: what happened, and what to press.
export function Permission() {
  const { permission } = useStore();
  if (permission === 'unknown' || permission === 'granted') return null;
  return html`<div class="notice" role="alert">
    ${permission === 'refused' && html`<${AllowPicture} />`}
    <div><strong>${t(`permission.${permission}.title`)}</strong><p>${t(`permission.${permission}.text`)}</p>
      <button type="button" class="button wide" onClick=${tryDevicesAgain}>${t('permission.again')}</button></div>
  </div>`;
}

function Preview() {
  const { selfStream, muted, permission } = useStore();
  const picture = store.hasPicture();
  const dark = !picture && permission !== 'unknown';
  const silent = muted || (!store.hasSound() && permission !== 'unknown');
  return html`<div class="preview">
    ${picture ? html`<${Video} stream=${selfStream} mirrored label=${t('self')} />`
      : html`<p class="nothing">${t(permission === 'unknown' ? 'devices.opening' : 'devices.off')}</p>`}
    <div class="preview-buttons">
      <${Button} icon=${silent ? 'micOff' : 'mic'} label=${t(silent ? 'mic.on' : 'mic.off')} kind=${silent ? 'round off' : 'round'} onClick=${toggleMicrophone} />
      <${Button} icon=${dark ? 'cameraOff' : 'camera'} label=${t(dark ? 'camera.on' : 'camera.off')} kind=${dark ? 'round off' : 'round'} onClick=${toggleCamera} />
    </div>
  </div>`;
}

const Problem = ({ problem }) => (problem ? html`<p class="problem" role="alert" id="problem"><${Icon} name="warn" />${t(problem)}</p>` : null);

// Made as soon as there is something to send, so that who joins waits less.
let prepared;
function prepare() {
  prepared = new Meeting(store.state.alias);
  prepared.prepare();
}
function discard() {
  prepared?.connection?.close();
  prepared = undefined;
}

function join(fields) {
  const { name } = fields;
  sessionStorage.setItem('viadux.name', name);
  const meeting = prepared?.alias === store.state.alias ? prepared : new Meeting(store.state.alias);
  prepared = undefined;
  globalThis.viadux.meeting = meeting;
  return globalThis.viadux.meeting.join(fields);
}

export function Join() {
  const { phase, name: known, problem, theme, pinGiven } = useStore();
  const [name, setName] = useState(known);
  const [agreed, setAgreed] = useState(false);
  const [settings, setSettings] = useState(false);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    const live = store.state.selfStream?.getTracks().some((track) => track.readyState === 'live');
    let here = true;
    Promise.resolve(live || openDevices({ audio: true, video: store.state.camera })).then(() => { if (here && !prepared) prepare(); });
    const renew = async () => store.set({ devices: await listDevices() });
    navigator.mediaDevices?.addEventListener?.('devicechange', renew);
    return () => {
      here = false;
      discard();
      navigator.mediaDevices?.removeEventListener?.('devicechange', renew);
    };
  }, []);
  const busy = phase === 'joining';
  const submit = (event) => {
    event.preventDefault();
    if (busy) return;
    const lacking = !name.trim() ? 'name' : theme.terms_url && !agreed ? 'terms' : '';
    if (lacking) { setMissing(true); document.getElementById(lacking).focus(); return; }
    join({ name: name.trim(), pin: pinGiven });
  };
  return html`<main class="join"><${Preview} />
    <form class="card" onSubmit=${submit} novalidate>
      <${Heading}>${t('join.title')}<//>
      <p class="address">${t('join.address', { address: store.state.alias })}</p>
      ${theme.welcome && html`<p>${theme.welcome}</p>`}
      <label class="field"><span>${t('join.name')}</span>
        <input id="name" name="name" value=${name} maxlength="100" autocomplete="name" aria-invalid=${missing && !name.trim()} aria-describedby=${missing && !name.trim() ? 'name-missing' : undefined}
          onInput=${(event) => setName(event.target.value)} /></label>
      ${missing && !name.trim() && html`<p class="problem" id="name-missing" role="alert">${t('join.nameMissing')}</p>`}
      ${theme.terms_url && html`<label class="check"><input type="checkbox" id="terms" checked=${agreed} aria-invalid=${missing && !agreed} aria-describedby=${missing && name.trim() && !agreed ? 'terms-missing' : undefined} onChange=${(event) => setAgreed(event.target.checked)} />
        <span>${t('join.terms')} <a href=${theme.terms_url} target="_blank" rel="noopener">${t('join.termsLink')}</a></span></label>`}
      ${theme.terms_url && missing && name.trim() && !agreed && html`<p class="problem" id="terms-missing" role="alert"><${Icon} name="warn" />${t('join.termsMissing')}</p>`}
      <${Problem} problem=${problem} />
      <button id="join" class="button primary wide" disabled=${busy}>${t(busy ? 'join.joining' : 'join.join')}</button>
      <${Permission} />
      <button type="button" class="button wide" aria-expanded=${settings} aria-controls="devices" onClick=${() => setSettings(!settings)}><${Icon} name="settings" /><span>${t('devices.title')}</span></button>
      <div id="devices" hidden=${!settings}>${settings && html`<${DeviceChoice} />`}</div>
    </form></main>`;
}

export function Pin() {
  const { phase, problem, guestsWithoutPin, name } = useStore();
  const [pin, setPin] = useState('');
  const busy = phase === 'joining';
  const submit = (event) => {
    event.preventDefault();
    if (busy) return;
    if (pin.trim()) join({ name, pin: pin.trim() });
    else document.getElementById('pin').focus();
  };
  return html`<main class="single"><form class="card" onSubmit=${submit} novalidate>
    <${Heading}>${t('pin.title')}<//>
    <p>${t(guestsWithoutPin ? 'pin.hostOnly' : 'pin.needed')}</p>
    ${guestsWithoutPin && html`<button type="button" id="guest" class="button primary wide" disabled=${busy} onClick=${() => join({ name, pin: 'none' })}>${t('pin.guest')}</button><p class="or"><span>${t('pin.or')}</span></p>`}
    <label class="field"><span>${t('pin.pin')}</span>
      <input id="pin" name="pin" inputmode="numeric" autocomplete="off" maxlength="20" value=${pin} aria-invalid=${Boolean(problem)} aria-describedby=${problem ? 'problem' : undefined} onInput=${(event) => setPin(event.target.value)} /></label>
    <${Problem} problem=${problem} />
    <button id="with-pin" class=${`button wide ${guestsWithoutPin ? '' : 'primary'}`} disabled=${busy}>${t(busy ? 'join.joining' : 'pin.join')}</button>
    <button type="button" class="button plain wide" onClick=${() => store.set({ phase: 'join', problem: '' })}>${t('back')}</button>
  </form></main>`;
}

// The page without an address: somebody has only a number.
export function Start() {
  const [address, setAddress] = useState('');
  const submit = (event) => {
    event.preventDefault();
    const wanted = address.trim().replace(/^https?:\/\/[^/]+\//, '');
    if (wanted) location.assign(`/${encodeURIComponent(wanted)}`);
    else document.getElementById('address').focus();
  };
  return html`<main class="single"><form class="card" onSubmit=${submit} novalidate>
    <${Heading}>${t('start.title')}<//><p>${t('start.text')}</p>
    <label class="field"><span>${t('start.address')}</span>
      <input id="address" name="address" value=${address} autocapitalize="none" autocomplete="off" spellcheck="false" maxlength="256" onInput=${(event) => setAddress(event.target.value)} /></label>
    <button class="button primary wide">${t('start.go')}</button></form></main>`;
}
