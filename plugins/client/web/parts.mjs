// Small pieces that several views use.
import { html, useEffect, useRef, useState } from './vendor/preact.mjs';
import { meters } from './devices.mjs';
import { Icon } from './icons.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

export function useStore() {
  const [, draw] = useState(0);
  useEffect(() => store.watch(() => draw((count) => count + 1)), []);
  return store.state;
}

// What is read on a button is part of its name, for those who say it to their computer (WCAG 2.5.3).
const words = (text) => ` ${text.toLowerCase().replace(/[,:]/g, ' ')} `;
const nameOf = (text, label, badge) => {
  const name = !text || words(label).includes(words(text)) ? label : `${text}: ${label}`;
  return badge > 0 && !name.includes(String(badge)) ? `${name} (${badge})` : name;
};

// A button of at least 44 px; `pressed` makes it a switch that says so.
export const Button = ({ icon, label, text, pressed, kind = '', badge = 0, expanded, id, disabled, onClick }) => html`
  <button type="button" id=${id} class=${`button ${kind}`} aria-label=${nameOf(text, label, badge)} title=${label} aria-pressed=${pressed} aria-expanded=${expanded}
    disabled=${disabled} onClick=${onClick}>
    ${icon && html`<${Icon} name=${icon} />`}${text && html`<span>${text}</span>`}
    ${badge > 0 && html`<b class="badge" data-count=${badge > 99 ? '99+' : badge} aria-hidden="true"></b>`}
  </button>`;

// A picture that goes on while the rest of the page is drawn anew.
export function Video({ stream, mirrored = false, whole = false, label }) {
  const place = useRef(null);
  // A wide picture in an upright place (or the other way) is shown whole, rather than the middle of a face.
  const fit = () => {
    const video = place.current;
    if (!video?.videoWidth || !video.clientHeight) return;
    const shapes = (video.videoWidth / video.videoHeight) / (video.clientWidth / video.clientHeight);
    video.classList.toggle('letterbox', shapes > 1.9 || shapes < 0.5);
  };
  useEffect(fit);
  useEffect(() => {
    const video = place.current;
    if (video.srcObject !== stream) video.srcObject = stream ?? null;
    video.play().catch(() => {}); // it begins by itself where the browser wants a touch first
  }, [stream]);
  return html`<video ref=${place} class=${`${mirrored ? 'mirrored' : ''} ${whole ? 'whole' : ''}`} autoplay playsinline muted onResize=${fit} aria-label=${label} />`;
}

export const initials = (name) => (name ?? '').trim().split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('').toUpperCase() || '?';

// How loud the microphone is, without drawing the page anew.
export function Meter() {
  const bar = useRef(null);
  useEffect(() => {
    const tell = (level) => { if (bar.current) bar.current.style.transform = `scaleX(${level.toFixed(2)})`; };
    meters.add(tell);
    return () => meters.delete(tell);
  }, []);
  return html`<div class="meter" role="img" aria-label=${t('devices.meter')}><i ref=${bar}></i></div>`;
}

// A side panel or a dialog: takes the focus, gives it back, and Escape closes it.
export function Panel({ title, onClose, modal = false, kind = '', children }) {
  const place = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    place.current.querySelector('h2').focus();
    return () => before?.isConnected && before.focus();
  }, []);
  const onKey = (event) => {
    if (event.key === 'Escape') { event.stopPropagation(); onClose(); }
    if (event.key !== 'Tab' || !modal) return;
    const stops = [...place.current.querySelectorAll('button, input, select, textarea, a[href]')].filter((each) => !each.disabled);
    const edge = event.shiftKey ? stops[0] : stops.at?.(-1) ?? stops[stops.length - 1];
    if (document.activeElement === edge) { event.preventDefault(); (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus(); }
  };
  const id = `title-${kind || 'panel'}`;
  return html`<section ref=${place} class=${`panel ${kind}`} role=${modal ? 'dialog' : 'region'} aria-modal=${modal || undefined} aria-labelledby=${id} onKeyDown=${onKey}>
    <div class="panel-head"><h2 id=${id} tabindex="-1">${title}</h2><${Button} icon="close" label=${t('close')} kind="plain" onClick=${onClose} /></div>
    ${children}
  </section>`;
}

// The heading of a page: gets the focus when the page changes, so that a screen reader begins there.
export function Heading({ children }) {
  const place = useRef(null);
  useEffect(() => { place.current?.focus({ preventScroll: true }); }, []);
  return html`<h1 ref=${place} tabindex="-1">${children}</h1>`;
}
