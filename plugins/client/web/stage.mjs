// The pictures: who is shown, where, and with which stream.
import { html, useEffect, useRef, useState } from './vendor/preact.mjs';
import { Icon } from './icons.mjs';
import { arrange } from './layout.mjs';
import { initials, useStore, Video } from './parts.mjs';
import { peopleHere } from './rooms.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const inside = (person) => person.service_type !== 'waiting_room' && person.is_streaming_conference !== true;

// Ids in order of importance: spotlight, pinned, who speaks or spoke, the order of joining. Oneself is the last.
export function order(state, me) {
  const { order: speakers, pinned } = state;
  const list = [...peopleHere(state).values()].filter(inside);
  const rank = (person) => {
    if (person.uuid === me) return 4;
    if (person.spotlight) return 0;
    if (person.uuid === pinned) return 1;
    return 3;
  };
  list.sort((a, b) => rank(a) - rank(b) || (a.spotlight || 0) - (b.spotlight || 0) || a.start_time - b.start_time || (a.uuid < b.uuid ? -1 : 1));
  return { ids: list.map((person) => person.uuid), speaker: speakers[0] };
}

export function currentMode(state) {
  const { layout, presenter } = state;
  if (layout !== 'auto') return layout;
  if (presenter) return 'speaker';
  const count = [...peopleHere(state).values()].filter(inside).length;
  return count > 2 && count <= 9 ? 'tiles' : 'speaker';
}

function Tile({ id, box, person, stream, me, speaking }) {
  const style = { left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px` };
  const name = me ? t('you') : person?.display_name ?? '';
  const muted = me ? store.state.muted || store.state.mutedByHost || !store.hasSound() : person?.is_muted === 'YES' || person?.is_client_muted;
  const small = box.width < 130;
  return html`<figure class=${`tile ${box.large ? 'large' : ''} ${box.float ? 'float' : ''} ${speaking ? 'speaking' : ''} ${small ? 'small' : ''}`} style=${style} data-uuid=${id}>
    ${stream ? html`<${Video} stream=${stream} mirrored=${me} label=${t('picture', { name })} />` : html`<span class="initials" aria-hidden="true">${initials(person?.display_name)}</span>`}
    <figcaption>${muted && html`<${Icon} name="micOff" /><span class="unseen">${t('people.isMuted')}</span>`}${person?.buzz_time > 0 && html`<${Icon} name="hand" />`}
      <span class="name">${name}</span></figcaption>
  </figure>`;
}

export function Stage() {
  const state = useStore();
  const place = useRef(null);
  const [area, setArea] = useState({ x: 0, y: 0, width: 0, height: 0 });
  const [lastSpeaker, setLastSpeaker] = useState('');
  const call = globalThis.viadux.meeting?.connection?.call;
  const me = globalThis.viadux.meeting?.api.me;
  useEffect(() => {
    const measure = () => setArea({ x: 0, y: 0, width: place.current.clientWidth, height: place.current.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(place.current);
    measure();
    return () => watch.disconnect();
  }, []);
  const { ids, speaker } = order(state, me);
  useEffect(() => { if (speaker && speaker !== me) setLastSpeaker(speaker); }, [speaker]);

  const { selfStream, camera, slots, presenter, presenting } = state;
  const people = peopleHere(state);
  const streams = new Map();
  for (const slot of slots) if (slot.participant_uuid && slot.content === 'main' && !streams.has(slot.participant_uuid)) streams.set(slot.participant_uuid, call?.stream(slot.mid));
  const slidesSlot = slots.find((slot) => slot.content === 'slides' && slot.participant_uuid);
  const slides = slidesSlot && presenter && !presenting ? 'slides' : '';
  const oneWayGuest = state.conference.one_way && state.role !== 'HOST';
  const spotlit = ids.find((id) => people.get(id)?.spotlight && id !== me);
  const chosen = state.pinned || spotlit || (people.has(lastSpeaker) ? lastSpeaker : '');
  const mode = currentMode(state);
  const shown = oneWayGuest ? ids.filter((id) => id === me) : ids;
  const boxes = area.width > 0 ? arrange({ mode, people: shown.slice(0, 26), me, slides, large: chosen, area }) : new Map();
  const hidden = shown.filter((id) => !boxes.has(id)).length;

  return html`<div class="stage" ref=${place} role="group" aria-label=${t('stage')}>
    ${[...boxes].filter(([id]) => id !== 'slides').map(([id, box]) => html`<${Tile} key=${id} id=${id} box=${box} me=${id === me} person=${people.get(id)}
      stream=${id === me ? (camera && selfStream?.getVideoTracks().length ? selfStream : null) : people.get(id)?.is_video_muted ? null : streams.get(id)} speaking=${id === speaker && ids.length > 2} />`)}
    ${boxes.has('slides') && html`<figure key="slides" class="tile large slides" style=${{ left: `${boxes.get('slides').x}px`, top: `${boxes.get('slides').y}px`, width: `${boxes.get('slides').width}px`, height: `${boxes.get('slides').height}px` }}>
      <${Video} stream=${call?.stream(slidesSlot.mid)} whole label=${t('present.of', { name: people.get(presenter)?.display_name ?? '' })} /></figure>`}
    ${hidden > 0 && html`<p class="hidden-count">${t('stage.more', { count: hidden })}</p>`}
    ${ids.length <= 1 && !oneWayGuest && html`<p class="alone">${t('stage.alone')}</p>`}
    ${oneWayGuest && html`<p class="alone one-way">${t('oneWay')}</p>`}
  </div>`;
}

// What is heard: an element for each line, so that browsers play them all.
export function Sounds() {
  const { chosen, media } = useStore();
  const place = useRef(null);
  const call = globalThis.viadux.meeting?.connection?.call;
  useEffect(() => {
    const streams = call?.sounds() ?? [];
    const elements = place.current.children;
    streams.forEach((stream, i) => {
      const audio = elements[i] ?? place.current.appendChild(Object.assign(document.createElement('audio'), { autoplay: true }));
      if (audio.srcObject !== stream) audio.srcObject = stream;
      if (chosen.speaker) audio.setSinkId?.(chosen.speaker).catch(() => {});
      audio.play().catch(() => store.set({ silent: true }));
    });
  }, [call, media, chosen.speaker]);
  return html`<div ref=${place} hidden></div>`;
}
