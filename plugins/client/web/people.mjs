// Who is here, who waits, who wants to speak; and what a host may do with each.
import { html, useEffect, useState } from './vendor/preact.mjs';
import * as act from './actions.mjs';
import { channelName } from './channels.mjs';
import { Icon } from './icons.mjs';
import { Button, initials, Panel, useStore } from './parts.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const byName = (a, b) => a.display_name.localeCompare(b.display_name);
const isWaiting = (person) => person.service_type === 'waiting_room';

function Person({ person, host, me }) {
  const [open, setOpen] = useState(false);
  const { pinned } = useStore();
  const self = person.uuid === me;
  const muted = person.is_muted === 'YES';
  const name = person.display_name;
  const menu = `menu-${person.uuid}`;
  useEffect(() => { if (open) document.getElementById(menu).scrollIntoView({ block: 'nearest' }); }, [open]);
  const item = (icon, text, onClick, kind = '') => html`<li><button type="button" class=${`button item ${kind}`} onClick=${() => { setOpen(false); onClick(); }}><${Icon} name=${icon} /><span>${text}</span></button></li>`;
  return html`<li class="person"><div class="row">
    <span class="face" aria-hidden="true">${initials(name)}</span>
    <span class="who"><span>${name}${self ? ` (${t('you')})` : ''}</span><small>${[t(person.role === 'chair' ? 'role.host' : 'role.guest'), person.spotlight > 0 && t('people.spotlight'), person.is_presenting === 'YES' && t('people.presents'), person.speaks_in && t('people.interprets', { language: channelName(person.speaks_in) })].filter(Boolean).join(' · ')}</small></span>
    ${(muted || person.is_client_muted) && html`<${Icon} name="micOff" /><span class="unseen">${t('people.isMuted')}</span>`}
    ${person.is_video_muted && html`<${Icon} name="cameraOff" /><span class="unseen">${t('people.noCamera')}</span>`}
    ${!self && html`<${Button} icon="more" label=${t('people.more', { name })} expanded=${open} kind="plain" onClick=${() => setOpen(!open)} />`}</div>
    ${open && html`<ul class="menu" id=${menu}>
      ${item('pin', t(pinned === person.uuid ? 'people.unpin' : 'people.pin'), () => store.set({ pinned: pinned === person.uuid ? '' : person.uuid }))}
      ${host && item(muted ? 'mic' : 'micOff', t(muted ? 'people.unmute' : 'people.mute'), () => act.mute(person.uuid, !muted))}
      ${host && item('star', t(person.spotlight ? 'people.spotlightOff' : 'people.spotlightOn'), () => act.spotlight(person.uuid, !person.spotlight))}
      ${host && item('people', t(person.role === 'chair' ? 'people.makeGuest' : 'people.makeHost'), () => act.setRole(person.uuid, person.role !== 'chair'))}
      ${host && item('sound', t('people.interpreter'), () => store.set({ dialog: { kind: 'interpreter', person } }))}
      ${host && act.canSteer(person) && html`<li class="steer" role="group" aria-label=${t('people.steer', { name })}>
        ${['left', 'up', 'down', 'right', 'closer', 'further'].map((where) => html`<button type="button" class="button" onClick=${() => act.steer(person.uuid, where)}>${t(`steer.${where}`)}</button>`)}</li>`}
      ${host && item('remove', t('people.remove'), () => store.set({ dialog: { kind: 'remove', person } }), 'danger')}
    </ul>`}</li>`;
}

export function People() {
  const { people, conference } = useStore();
  const meeting = globalThis.viadux.meeting;
  const host = meeting.isHost;
  const all = [...people.values()];
  const waiting = all.filter(isWaiting);
  const here = all.filter((person) => !isWaiting(person)).sort(byName);
  const queue = here.filter((person) => person.buzz_time > 0).sort((a, b) => a.buzz_time - b.buzz_time);
  const hasWord = here.filter((person) => person.spotlight > 0);
  return html`<${Panel} title=${t('people.title', { count: here.length })} kind="people" onClose=${() => store.set({ panel: '' })}>
    <div class="scroll">
    ${host && waiting.length > 0 && html`<section class="block warn" aria-labelledby="waiting-title"><h3 id="waiting-title">${t('people.waiting', { count: waiting.length })}</h3><ul>
      ${waiting.map((person) => html`<li class="row" key=${person.uuid}><span class="who">${person.display_name}</span>
        <button type="button" class="button primary" data-admit=${person.uuid} onClick=${() => act.admit(person.uuid)} aria-label=${t('people.admitName', { name: person.display_name })}>${t('people.admit')}</button>
        <${Button} icon="close" label=${t('people.turnAway', { name: person.display_name })} kind="plain" onClick=${() => act.remove(person.uuid)} /></li>`)}</ul></section>`}
    ${(queue.length > 0 || (host && hasWord.length > 0)) && html`<section class="block" aria-labelledby="queue-title"><h3 id="queue-title">${t('queue.title')}</h3><ol class="queue">
      ${host && hasWord.map((person) => html`<li class="row" key=${`w${person.uuid}`}><${Icon} name="star" /><span class="who">${t('queue.has', { name: person.display_name })}</span>
        <button type="button" class="button" data-take=${person.uuid} onClick=${() => act.takeWord(person)}>${t('queue.take')}</button></li>`)}
      ${queue.map((person, i) => html`<li class="row" key=${person.uuid}><b class="number">${i + 1}</b><span class="who">${person.display_name}</span>
        ${host && html`<button type="button" class="button primary" data-give=${person.uuid} onClick=${() => act.giveWord(person)} aria-label=${t('queue.giveName', { name: person.display_name })}>${t('queue.give')}</button>`}
        ${(host || person.uuid === meeting.api.me) && html`<${Button} icon="close" label=${t('queue.lower', { name: person.display_name })} kind="plain" onClick=${() => act.lowerHand(person.uuid)} />`}</li>`)}</ol></section>`}
    <ul class="everybody" aria-label=${t('people.list')}>${here.map((person) => html`<${Person} key=${person.uuid} person=${person} host=${host} me=${meeting.api.me} />`)}</ul></div>
    ${host && html`<footer><button type="button" id="mute-guests" class="button wide" aria-pressed=${Boolean(conference.guests_muted)} onClick=${() => act.muteGuests(!conference.guests_muted)}><${Icon} name="micOff" /><span>${t(conference.guests_muted ? 'people.unmuteGuests' : 'people.muteGuests')}</span></button>
      ${queue.length > 1 && html`<button type="button" class="button wide" onClick=${act.lowerAllHands}>${t('queue.lowerAll')}</button>`}</footer>`}
  <//>`;
}
