// Break-out rooms (docs/client.md): what a host is told of them, the panel to open and close them, and what those in one see.
import { html, useState } from './vendor/preact.mjs';
import { announce } from './announce.mjs';
import { ask, toast } from './actions.mjs';
import { Icon } from './icons.mjs';
import { Panel, useStore } from './parts.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const meeting = () => globalThis.viadux.meeting;
const inside = (person) => person.service_type !== 'waiting_room';

// Who is in the room whose pictures are shown: a host may look into a break-out of the meeting.
export const peopleHere = ({ people, rooms, visiting }) => rooms.get(visiting)?.people ?? people;

function change(uuid, edit) {
  const rooms = new Map(store.state.rooms);
  const room = { name: '', people: new Map(), ...rooms.get(uuid) };
  rooms.set(uuid, edit({ ...room, people: new Map(room.people) }));
  store.set({ rooms });
}

export const toldOfRooms = {
  breakout_begin: ({ breakout_uuid: uuid }) => change(uuid, (room) => room),
  breakout_end: ({ breakout_uuid: uuid }) => {
    const rooms = new Map(store.state.rooms);
    rooms.delete(uuid);
    store.set({ rooms });
    if (store.state.visiting === uuid) visit('');
  },
  breakout_event: ({ breakout_uuid: uuid, event, data }) => {
    if (event === 'participant_sync_begin') change(uuid, (room) => ({ ...room, people: new Map() }));
    if (event === 'participant_create' || event === 'participant_update') change(uuid, (room) => (room.people.set(data.uuid, data), room));
    if (event === 'participant_delete') change(uuid, (room) => (room.people.delete(data.uuid), room));
    if (event === 'stage' && store.state.visiting === uuid) store.set({ order: data.filter((each) => each.vad > 0).map((each) => each.participant_uuid) });
    if (event === 'presentation_start' && store.state.visiting === uuid) store.set({ presenter: data.presenter_uuid });
    if (event === 'presentation_stop' && store.state.visiting === uuid) store.set({ presenter: '' });
    if (event === 'message_received') meeting().message(data);
    if (event === 'conference_update') {
      const before = store.state.rooms.get(uuid)?.help;
      const help = Boolean(data.breakoutbuzz?.value);
      change(uuid, (room) => ({ ...room, name: data.breakout_name ?? room.name, help }));
      if (help && !before) toast(t('rooms.wantsHelp', { name: data.breakout_name ?? '' }));
    }
  },
  breakout_refer: ({ breakout_uuid: uuid }) => visit(uuid === 'main' ? '' : uuid),
};

// A host goes there, or back: by calling in that room.
export async function visit(uuid) {
  store.set({ visiting: uuid, presenter: '', slots: [] });
  meeting().api.callRoom = uuid;
  await meeting().connection?.move();
  const name = store.state.rooms.get(uuid)?.name;
  announce(uuid ? t('rooms.youAreIn', { name }) : t('rooms.youAreBack'));
}

async function open(count) {
  const guests = [...store.state.people.values()].filter((person) => inside(person) && person.role !== 'chair');
  for (let i = 0; i < count; i++) {
    const mine = guests.filter((_, place) => place % count === i).map((person) => person.uuid);
    await ask(meeting().api.post('/breakouts', { name: t('rooms.name', { number: i + 1 }), end_action: 'transfer', guests_allowed_to_leave: true, participants: { main: mine } }));
  }
}

export function Rooms() {
  const { rooms, visiting, people } = useStore();
  const [count, setCount] = useState(2);
  const [text, setText] = useState('');
  const guests = [...people.values()].filter((person) => inside(person) && person.role !== 'chair');
  return html`<${Panel} title=${t('rooms.title')} kind="rooms" onClose=${() => store.set({ panel: '' })}><div class="scroll">
    ${rooms.size === 0 && html`<p>${t('rooms.text')}</p>
      <label class="field"><span>${t('rooms.count')}</span><select value=${count} onChange=${(event) => setCount(Number(event.target.value))}>${[2, 3, 4, 5, 6, 8, 10].map((each) => html`<option value=${each}>${each}</option>`)}</select></label>
      <button type="button" id="open-rooms" class="button primary wide" onClick=${() => open(count)}><${Icon} name="rooms" /><span>${t('rooms.open')}</span></button>`}
    ${[...rooms].map(([uuid, room]) => html`<section class=${`block ${room.help ? 'warn' : ''}`} key=${uuid} aria-label=${room.name}><div class="row"><h3 class="who">${room.name}${room.help ? ` · ${t('rooms.help')}` : ''}</h3>
      <button type="button" class="button" data-visit=${uuid} onClick=${() => visit(visiting === uuid ? '' : uuid)}>${t(visiting === uuid ? 'rooms.return' : 'rooms.visit')}</button></div>
      <p>${[...room.people.values()].filter((person) => person.is_conjoined !== true).map((person) => person.display_name).join(', ') || t('rooms.nobody')}</p></section>`)}
    ${rooms.size > 0 && guests.length > 0 && html`<p class="quiet">${t('rooms.left', { names: guests.map((person) => person.display_name).join(', ') })}</p>`}</div>
    ${rooms.size > 0 && html`<footer><form class="row" onSubmit=${(event) => { event.preventDefault(); if (text.trim()) { ask(meeting().api.post('/breakouts/message', { type: 'text/plain', payload: text.trim() })); setText(''); toast(t('rooms.said')); } }}>
        <label class="field who"><span>${t('rooms.say')}</span><input value=${text} maxlength="1000" onInput=${(event) => setText(event.target.value)} /></label></form>
      <button type="button" id="close-rooms" class="button primary wide" onClick=${() => ask(meeting().api.post('/breakouts/disconnect'))}>${t('rooms.close')}</button></footer>`}
  <//>`;
}

// Above the pictures of whoever is in a break-out.
export function RoomSign() {
  const { conference, visiting, rooms } = useStore();
  if (visiting) return html`<div class="room-sign"><span>${t('rooms.youAreIn', { name: rooms.get(visiting)?.name ?? '' })}</span><button type="button" class="button" onClick=${() => visit('')}>${t('rooms.return')}</button></div>`;
  if (!conference.breakout) return null;
  const asked = Boolean(conference.breakoutbuzz?.value);
  return html`<div class="room-sign"><span>${t('rooms.youAreIn', { name: conference.breakout_name ?? '' })}</span>
    <button type="button" id="help" class="button" aria-pressed=${asked} onClick=${() => { ask(meeting().api.post(asked ? '/clearbreakoutbuzz' : '/breakoutbuzz')); store.set({ conference: { ...conference, breakoutbuzz: { value: !asked } } }); }}>${t('rooms.askHelp')}</button>
    ${conference.breakout_guests_allowed_to_leave && html`<button type="button" id="leave-room" class="button" onClick=${() => ask(meeting().api.post('/leavebreakout'))}>${t('rooms.return')}</button>`}</div>`;
}
