// Sound channels (docs/client.md): what one hears, and who interprets into which language.
import { html, useState } from './vendor/preact.mjs';
import * as act from './actions.mjs';
import { Panel, useStore } from './parts.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

// The languages that are asked for most; a host of another client may name any.
const languages = ['ar', 'de', 'en', 'fa', 'fo', 'kl', 'pl', 'ro', 'so', 'sv', 'ti', 'tr', 'uk', 'ur'];

// A channel's name is mostly a language's tag: read as that language's name, else as it is.
export function channelName(channel) {
  try {
    return new Intl.DisplayNames([store.state.language], { type: 'language', fallback: 'none' }).of(channel) ?? channel;
  } catch { // no tag at all, or a browser that cannot
    return channel;
  }
}
const byName = (a, b) => channelName(a).localeCompare(channelName(b), store.state.language);

// What there is to choose: where somebody speaks, and where one is.
export function channelsOf(people, hears = '') {
  const channels = new Set([...people.values()].map((person) => person.speaks_in).filter(Boolean));
  if (hears) channels.add(hears);
  return [...channels].sort(byName);
}

export function SoundChoice() {
  const { people } = useStore();
  const hears = globalThis.viadux.meeting.me?.hears ?? '';
  const channels = channelsOf(people, hears);
  return channels.length > 0 && html`<label class="sound-choice"><span>${t('sound')}</span>
    <select id="sound" value=${hears} onChange=${(event) => act.hear(event.target.value)}>
      <option value="">${t('sound.original')}</option>
      ${channels.map((channel) => html`<option key=${channel} value=${channel}>${channelName(channel)}</option>`)}
    </select></label>`;
}

// Who interprets knows it: the others do not hear it.
export function InterpreterSign() {
  useStore();
  const meeting = globalThis.viadux.meeting;
  const channel = meeting.me?.speaks_in;
  return channel && html`<div class="room-sign" role="status"><span>${t('interpreter.you', { language: channelName(channel) })}</span>
    ${meeting.isHost && html`<button type="button" id="stop-interpreting" class="button" onClick=${() => act.interpret(meeting.api.me, '')}>${t('interpreter.stop')}</button>`}</div>`;
}

export function InterpreterDialog({ person, onClose }) {
  const now = person.speaks_in ?? '';
  const [chosen, choose] = useState(now);
  const all = [...new Set([...languages, ...(now ? [now] : [])])].sort(byName);
  return html`<div class="veil"><${Panel} modal title=${t('interpreter.title', { name: person.display_name })} kind="dialog" onClose=${onClose}>
    <form onSubmit=${(event) => { event.preventDefault(); act.interpret(person.uuid, chosen); onClose(); }}>
      <label class="field"><span>${t('language')}</span><select id="interpret" value=${chosen} onChange=${(event) => choose(event.target.value)}>
        <option value="">${t('interpreter.none')}</option>
        ${all.map((channel) => html`<option key=${channel} value=${channel}>${channelName(channel)}</option>`)}</select></label>
      <div class="buttons"><button type="button" class="button" onClick=${onClose}>${t('cancel')}</button><button id="confirm" class="button primary">${t('interpreter.set')}</button></div></form><//></div>`;
}
