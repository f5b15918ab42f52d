// After the meeting, and in the lobby: one clear page each.
import { html } from './vendor/preact.mjs';
import { leave } from './actions.mjs';
import { Icon } from './icons.mjs';
import { Heading, Meter, useStore, Video } from './parts.mjs';
import { t } from './texts.mjs';

export function Ended() {
  const { ended, theme } = useStore();
  const reason = ended?.reason ?? 'over';
  const again = reason !== 'removed' && reason !== 'endedForAll';
  const trouble = ['lost', 'failed', 'blocked'].includes(reason);
  return html`<main class="single"><div class="card centre">
    <span class=${`sign ${reason === 'left' || reason === 'endedForAll' ? 'good' : ''}`}><${Icon} name=${reason === 'removed' ? 'remove' : trouble ? 'warn' : 'check'} /></span>
    <${Heading}>${t(`ended.${reason}.title`)}<//>
    <p>${t(`ended.${reason}.text`)}</p>
    ${theme.return_url && html`<a id="return" class="button primary wide" href=${theme.return_url}>${t('ended.return', { name: theme.name ?? '' })}</a>`}
    ${again && html`<button type="button" id="again" class=${`button wide ${theme.return_url ? '' : 'primary'}`} onClick=${() => location.reload()}>${t('ended.again')}</button>`}
    ${!theme.return_url && html`<p class="quiet">${t('ended.close')}</p>`}
  </div></main>`;
}

export function Lobby() {
  const { selfStream, camera, meeting, conference } = useStore();
  return html`<main class="single"><div class="card centre">
    <span class="sign waiting" aria-hidden="true"><i></i><i></i><i></i></span>
    <${Heading}>${t('lobby.title')}<//>
    <p>${t(conference.locked ? 'lobby.locked' : 'lobby.text', { meeting })}</p>
    ${camera && selfStream?.getVideoTracks().length > 0 && html`<div class="lobby-self"><${Video} stream=${selfStream} mirrored label=${t('self')} /></div>`}
    <${Meter} />
    <button type="button" id="leave" class="button wide" onClick=${leave}>${t('leave')}</button>
  </div></main>`;
}
