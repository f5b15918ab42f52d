// Our own pictures, drawn with lines of one width on 24 × 24.
import { html } from './vendor/preact.mjs';

const shapes = {
  mic: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3Z M5 11a7 7 0 0 0 14 0 M12 18v3 M8.5 21h7',
  micOff: 'M9 6a3 3 0 0 1 6 0v4 M14.2 13A3 3 0 0 1 9 11V9 M5 11a7 7 0 0 0 11 5.7 M19 11a7 7 0 0 1-.6 2.8 M12 18v3 M8.5 21h7 M4 3l16 18',
  camera: 'M3 7.5A1.5 1.5 0 0 1 4.5 6h9A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.500h-9A1.5 1.5 0 0 1 3 16.500Z M15 10.500l6-3.500v10l-6-3.5',
  cameraOff: 'M9 6h4.500A1.5 1.5 0 0 1 15 7.500v4 M15 15v1.500a1.5 1.5 0 0 1-1.5 1.500h-9A1.5 1.5 0 0 1 3 16.500v-9A1.5 1.5 0 0 1 4.5 6 M15 10.500l6-3.500v10l-4-2.3 M3 3l18 18',
  screen: 'M3 5.500A1.5 1.5 0 0 1 4.5 4h15A1.5 1.5 0 0 1 21 5.500v10a1.5 1.5 0 0 1-1.5 1.500h-15A1.5 1.5 0 0 1 3 15.500Z M8 21h8 M12 14V8 M9 10.500l3-3 3 3',
  hand: 'M8 13V6a1.5 1.5 0 0 1 3 0v5 M11 11V4.500a1.5 1.5 0 0 1 3 0V11 M14 11V6a1.5 1.5 0 0 1 3 0v8a7 7 0 0 1-7 7c-2.5 0-4-1.2-5.2-3.200L3.4 14.500a1.5 1.5 0 0 1 2.5-1.600L8 15',
  chat: 'M4 5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z M8 9h8 M8 12h5',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z M2.5 20a6.5 6.5 0 0 1 13 0 M16 4.300a3.5 3.5 0 0 1 0 6.5 M18 14.300a6.5 6.5 0 0 1 3.5 5.7',
  leave: 'M3 14.500c0-5 18-5 18 0v1.200a1 1 0 0 1-1.2 1l-3.3-.7a1 1 0 0 1-.8-1v-2c-2.4-.8-5-.8-7.4 0v2a1 1 0 0 1-.8 1l-3.3.7a1 1 0 0 1-1.2-1Z',
  lock: 'M6 11h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1Z M8 11V8a4 4 0 0 1 8 0v3',
  unlock: 'M6 11h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1Z M8 11V8a4 4 0 0 1 7.7-1.5',
  layout: 'M4 4h16v16H4Z M4 14h16 M12 14v6',
  more: 'M5 12h.01 M12 12h.01 M19 12h.01',
  close: 'M5 5l14 14 M19 5L5 19',
  settings: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z M19 12l2-1.5-2-3.5-2.4 1a7 7 0 0 0-2-1.200L14.2 4h-4.400l-.4 2.800a7 7 0 0 0-2 1.200L5 7l-2 3.500L5 12l-2 1.500L5 17l2.4-1a7 7 0 0 0 2 1.200l.4 2.800h4.400l.4-2.800a7 7 0 0 0 2-1.200l2.4 1 2-3.500Z',
  star: 'M12 3.500l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.900L3.5 9.700l5.9-.8Z',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3Z M12 15v6',
  remove: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z M2.5 20a6.5 6.5 0 0 1 13 0 M17 9l5 5 M22 9l-5 5',
  send: 'M4 12l16-8-6 16-3-6Z M11 14l9-10',
  sound: 'M4 9h4l5-4v14l-5-4H4Z M16.5 9a4 4 0 0 1 0 6 M19 6.500a8 8 0 0 1 0 11',
  rooms: 'M4 4h7v7H4Z M13 4h7v7h-7Z M4 13h7v7H4Z M13 13h7v7h-7Z',
  record: 'M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  warn: 'M12 4l9 16H3Z M12 10v4 M12 17h.01',
  check: 'M4 12.500l5.5 5.500L20 6.5',
  blur: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z M5 20a7 7 0 0 1 14 0 M3.500 4h.01 M3.500 9h.01 M20.500 4h.01 M20.500 9h.01 M3.500 14h.01 M20.500 14h.01',
  phone: 'M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Z M11 18h2',
};

export const Icon = ({ name }) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" data-icon=${name}><path d=${shapes[name]} /></svg>`;

// What to press when a browser has refused the camera: its address line with the sign in it.
export const AllowPicture = () => html`<svg class="allow" viewBox="0 0 320 120" aria-hidden="true" focusable="false">
  <rect class="frame" x="4" y="6" width="312" height="108" rx="10" />
  <path class="line" d="M4 46h312" />
  <rect class="field" x="20" y="15" width="280" height="22" rx="11" />
  <circle class="mark" cx="38" cy="26" r="15" />
  <path class="sign" d="M32 22.500h5v7h-5Z M37 25l5-2.500v7l-5-2.5" />
  <path class="text" d="M62 26h120" />
  <path class="pointer" d="M38 45v16 M38 45l-6 8 M38 45l6 8" />
  <rect class="field" x="20" y="64" width="170" height="40" rx="8" />
  <path class="text" d="M34 84h60" />
  <rect class="switch" x="144" y="75" width="34" height="18" rx="9" />
  <circle class="knob" cx="169" cy="84" r="7" />
</svg>`;

export const Logo = () => html`<svg class="logo" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
  <path class="arch" d="M4 32V22a16 16 0 0 1 32 0v10" /><path class="arch" d="M14 32v-9a6 6 0 0 1 12 0v9" /><path class="road" d="M2 32h36" />
</svg>`;
