// The meeting's own page: head, pictures, buttons, panels.
import { html, useEffect, useState } from './vendor/preact.mjs';
import * as act from './actions.mjs';
import { InterpreterDialog, InterpreterSign, SoundChoice } from './channels.mjs';
import { Chat } from './chat.mjs';
import { meters } from './devices.mjs';
import { Icon } from './icons.mjs';
import { DeviceChoice, Permission } from './join.mjs';
import { modulesAt, OwnPanel, panelNamed } from './modules.mjs';
import { Button, Panel, useStore } from './parts.mjs';
import { People } from './people.mjs';
import { Rooms, RoomSign } from './rooms.mjs';
import { Sounds, Stage } from './stage.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

// What the meeting lets one do; the server refuses the rest, so that there is no button for it.
const mayChat = (conference) => conference.chat_enabled !== false;
const mayPresent = (conference) => globalThis.viadux.meeting.isHost || conference.guests_can_present !== false;

const toggle = (panel) => store.set({ panel: store.state.panel === panel ? '' : panel });

// Somebody talks into a microphone that is off.
function useTalkHint() {
  useEffect(() => {
    let loud = 0;
    const tell = (level) => {
      const { muted, mutedByHost, hint } = store.state;
      loud = (muted || mutedByHost) && level > 0.45 ? loud + 1 : Math.max(0, loud - 0.3);
      if (loud >= 4 && !hint) store.set({ hint: mutedByHost ? 'hint.mutedByHost' : 'hint.muted' });
      if (loud < 0.2 && hint) setTimeout(() => { if (loud < 0.2 && store.state.hint) store.set({ hint: '' }); }, 4000);
    };
    meters.add(tell);
    return () => meters.delete(tell);
  }, []);
}

function Head() {
  const { meeting, conference, people, trouble, pictureDropped } = useStore();
  const host = globalThis.viadux.meeting.isHost;
  const recorded = [...people.values()].some((person) => person.is_streaming_conference === true);
  return html`<header class="head"><h1 tabindex="-1" id="meeting-title">${meeting}</h1>
    ${conference.raised_text && html`<p class="sign-raised">${conference.raised_text}</p>`}
    ${recorded && html`<p class="sign-recording"><${Icon} name="record" /><span>${t('recording')}</span></p>`}
    ${host ? html`<${Button} id="lock" icon=${conference.locked ? 'lock' : 'unlock'} text=${t(conference.locked ? 'lock.locked' : 'lock.open')} label=${t(conference.locked ? 'lock.unlock' : 'lock.lock')} pressed=${Boolean(conference.locked)} kind=${`lock ${conference.locked ? 'on' : ''}`} onClick=${() => act.lock(!conference.locked)} />`
      : conference.locked && html`<p class="lock on"><${Icon} name="lock" /><span>${t('lock.locked')}</span></p>`}
    <${SoundChoice} />
    <div class="status" role="status">${trouble ? html`<p class="trouble"><i class="spinner" aria-hidden="true"></i>${t(`trouble.${trouble}`)}</p>` : pictureDropped && html`<p class="trouble">${t('line.pictureDropped')}</p>`}</div>
  </header>`;
}

// Whoever shows their screen knows it, and how to end it, wherever the button is.
function PresentSign() {
  const { presenting } = useStore();
  return presenting && html`<div class="room-sign"><span>${t('say.youPresent')}</span><button type="button" id="stop-presenting" class="button" onClick=${act.togglePresentation}>${t('present.stop')}</button></div>`;
}

function LayoutChoice() {
  const { layout } = useStore();
  return html`<${Panel} title=${t('layout.title')} kind="layout" onClose=${() => store.set({ panel: '' })}><div class="scroll choices" role="group" aria-label=${t('layout.title')}>
    ${['auto', 'speaker', 'tiles', 'training'].map((each) => html`<button type="button" class="button wide choice" aria-pressed=${layout === each} onClick=${() => { localStorage.setItem('viadux.layout', each); store.set({ layout: each }); }}>
      <span><b>${t(`layout.${each}`)}</b><small>${t(`layout.${each}.text`)}</small></span></button>`)}</div><//>`;
}

function Settings() {
  return html`<${Panel} title=${t('devices.title')} kind="settings" onClose=${() => store.set({ panel: '' })}><div class="scroll"><${Permission} /><${DeviceChoice} />
    <div class="buttons" role="group" aria-label=${t('language')}>${[['da', 'Dansk'], ['en', 'English']].map(([code, name]) => html`<button type="button" lang=${code} class="button" aria-pressed=${store.state.language === code} onClick=${() => globalThis.viadux.setLanguage(code)}>${name}</button>`)}</div></div><//>`;
}

function More() {
  const { conference } = useStore();
  const host = globalThis.viadux.meeting.isHost;
  const item = (icon, text, onClick, kind = '') => html`<li><button type="button" class=${`button item ${kind}`} onClick=${onClick}><${Icon} name=${icon} /><span>${text}</span></button></li>`;
  return html`<${Panel} title=${t('more')} kind="more" onClose=${() => store.set({ panel: '' })}><ul class="scroll menu">
    ${mayPresent(conference) && html`<li class="narrow-only"><button type="button" class="button item" onClick=${() => { store.set({ panel: '' }); act.togglePresentation(); }}><${Icon} name="screen" /><span>${t(store.state.presenting ? 'present.stop' : 'present.start')}</span></button></li>`}
    ${item('layout', t('layout.title'), () => store.set({ panel: 'layout' }))}
    ${item('settings', t('devices.title'), () => store.set({ panel: 'settings' }))}
    ${host && item('rooms', t('rooms.title'), () => store.set({ panel: 'rooms' }))}
    ${host && item('sound', t('interpreter.self'), () => store.set({ dialog: { kind: 'interpreter', person: globalThis.viadux.meeting.me } }))}
    ${host && item('phone', t('invite.title'), () => store.set({ dialog: { kind: 'invite' } }))}
    ${modulesAt('more').map((module) => item(module.icon, module.label(), () => module.run()))}
    ${host && item('leave', t('endForAll'), () => store.set({ dialog: { kind: 'end' }, panel: '' }), 'danger')}
  </ul><//>`;
}

function Controls() {
  const { muted, mutedByHost, presenting, panel, unread, people, conference, role } = useStore();
  const meeting = globalThis.viadux.meeting;
  const waiting = meeting.isHost ? [...people.values()].filter((person) => person.service_type === 'waiting_room').length : 0;
  const hands = [...people.values()].filter((person) => person.buzz_time > 0).length;
  const silent = muted || mutedByHost || !store.hasSound();
  const picture = store.hasPicture();
  const oneWayGuest = conference.one_way && role !== 'HOST';
  const handUp = Boolean(meeting.me?.buzz_time);
  return html`<nav class="controls" aria-label=${t('controls')}>
    ${!oneWayGuest && html`<${Button} id="mic" icon=${silent ? 'micOff' : 'mic'} text=${t('mic')} label=${t(silent ? 'mic.on' : 'mic.off')} kind=${silent ? 'off' : ''} onClick=${act.toggleMicrophone} />`}
    <${Button} id="camera" icon=${picture ? 'camera' : 'cameraOff'} text=${t('camera')} label=${t(picture ? 'camera.off' : 'camera.on')} kind=${picture ? '' : 'off'} onClick=${act.toggleCamera} />
    ${!oneWayGuest && html`
    ${mayPresent(conference) && html`<${Button} id="present" icon="screen" text=${t('present')} label=${t(presenting ? 'present.stop' : 'present.start')} pressed=${presenting} kind="wide-only" onClick=${act.togglePresentation} />`}
    <${Button} id="hand" icon="hand" text=${t('hand')} label=${t(handUp ? 'hand.lower' : 'hand.raise')} pressed=${handUp} kind=${handUp ? 'on' : ''} onClick=${act.toggleHand} />
    <${Button} id="people" icon="people" text=${t('people')} label=${t('people.open')} expanded=${panel === 'people'} badge=${waiting + hands} onClick=${() => toggle('people')} />
    ${mayChat(conference) && html`<${Button} id="chat" icon="chat" text=${t('chat')} label=${unread ? t('chat.unread', { count: unread }) : t('chat.title')} expanded=${panel === 'chat'} badge=${unread} onClick=${() => toggle('chat')} />`}
    ${modulesAt('controls').map((module) => html`<${Button} icon=${module.icon} text=${module.label()} label=${module.label()} onClick=${() => module.run()} />`)}
    <${Button} id="more" icon="more" text=${t('more')} label=${t('more')} expanded=${['more', 'layout', 'settings', 'rooms'].includes(panel)} onClick=${() => toggle('more')} />`}
    <${Button} id="leave" icon="leave" text=${t('leave')} label=${t('leave')} kind="leave" onClick=${act.leave} />
  </nav>`;
}

function Dialog() {
  const { dialog } = useStore();
  const [address, setAddress] = useState('');
  if (!dialog) return null;
  const close = () => store.set({ dialog: null });
  const confirm = (title, text, button, run) => html`<div class="veil"><${Panel} modal title=${title} kind="dialog" onClose=${close}><p>${text}</p>
    <div class="buttons"><button type="button" class="button" onClick=${close}>${t('cancel')}</button><button type="button" id="confirm" class="button danger" onClick=${() => { close(); run(); }}>${button}</button></div><//></div>`;
  if (dialog.kind === 'remove') return confirm(t('remove.title', { name: dialog.person.display_name }), t('remove.text'), t('people.remove'), () => act.remove(dialog.person.uuid));
  if (dialog.kind === 'interpreter') return html`<${InterpreterDialog} person=${dialog.person} onClose=${close} />`;
  if (dialog.kind === 'end') return confirm(t('end.title'), t('end.text'), t('endForAll'), act.endForAll);
  if (dialog.kind === 'invite') return html`<div class="veil"><${Panel} modal title=${t('invite.title')} kind="dialog" onClose=${close}>
    <form onSubmit=${(event) => { event.preventDefault(); if (address.trim()) { act.invite(address.trim()); close(); } }}>
      <label class="field"><span>${t('invite.address')}</span><input value=${address} maxlength="256" onInput=${(event) => setAddress(event.target.value)} /></label>
      <div class="buttons"><button type="button" class="button" onClick=${close}>${t('cancel')}</button><button class="button primary">${t('invite.call')}</button></div></form><//></div>`;
  return null;
}

function Toasts() {
  const { toast, people, panel, hint, silent } = useStore();
  const waiting = globalThis.viadux.meeting.isHost && panel !== 'people' ? [...people.values()].filter((person) => person.service_type === 'waiting_room') : [];
  return html`<aside class="toasts" aria-label=${t('messages')}>
    ${silent && html`<div class="toast"><span>${t('sound.blocked')}</span><button type="button" class="button primary" onClick=${() => { document.querySelectorAll('audio, video').forEach((each) => each.play().catch(() => {})); store.set({ silent: false }); }}>${t('sound.play')}</button></div>`}
    ${hint && html`<div class="toast" role="alert"><${Icon} name="micOff" /><span>${t(hint)}</span>${hint === 'hint.muted' && html`<button type="button" class="button primary" onClick=${act.toggleMicrophone}>${t('mic.on')}</button>`}</div>`}
    ${waiting.slice(0, 2).map((person) => html`<div class="toast" key=${person.uuid}><span>${t('say.waits', { name: person.display_name })}</span><button type="button" class="button primary" data-admit=${person.uuid} onClick=${() => act.admit(person.uuid)}>${t('people.admit')}</button></div>`)}
    ${toast && html`<div class=${`toast ${toast.kind}`}><span>${toast.text}</span></div>`}
  </aside>`;
}

export function RoomPage() {
  const { panel, conference } = useStore();
  useTalkHint();
  useEffect(() => { document.getElementById('meeting-title')?.focus({ preventScroll: true }); }, []);
  const panels = { people: People, chat: Chat, layout: LayoutChoice, settings: Settings, more: More, rooms: Rooms };
  const own = panelNamed(panel);
  const Open = panel === 'chat' && !mayChat(conference) ? undefined : own ? OwnPanel : panels[panel];
  return html`<div class="room"><${Head} />
    <main class=${`middle ${Open ? 'with-panel' : ''}`}><div class="pictures"><${RoomSign} /><${PresentSign} /><${InterpreterSign} /><${Stage} /></div>${Open && html`<${Open} key=${panel} module=${own} />`}</main>
    <${Toasts} /><${Controls} /><${Sounds} /><${Dialog} /></div>`;
}
