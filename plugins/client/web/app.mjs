// Where the page begins: language, theme, and which view is shown.
import { html, render, useEffect } from './vendor/preact.mjs';
import { Ended, Lobby } from './ended.mjs';
import { Logo } from './icons.mjs';
import { Join, Pin, Start } from './join.mjs';
import { loadModules } from './modules.mjs';
import { useStore } from './parts.mjs';
import { RoomPage } from './room.mjs';
import { store } from './store.mjs';
import { keepLanguage, loadTexts, preferredLanguage, t } from './texts.mjs';
import { applyTheme, loadTheme, themeFile, webAddress } from './theme.mjs';

globalThis.viadux = { meeting: null, store, setLanguage };

async function setLanguage(language) {
  keepLanguage(language);
  await loadTexts(language, store.state.theme);
  store.set({ language });
}

function Head() {
  const { theme, alias, language } = useStore();
  const logo = themeFile(alias, theme.logo);
  return html`<header class="top"><a class="brand" href=${webAddress(theme.home_url) || '/'}>${logo ? html`<img src=${logo} alt=${theme.name ?? ''} />` : html`<${Logo} /><span>${theme.name ?? 'Viadux'}</span>`}</a>
    <nav aria-label=${t('language')}>${[['da', 'Dansk'], ['en', 'English']].map(([code, name]) => html`<button type="button" lang=${code} id=${`language-${code}`} class="button plain" aria-pressed=${language === code} onClick=${() => setLanguage(code)}>${name}</button>`)}</nav></header>`;
}

function Foot() {
  const { theme } = useStore();
  const links = [[theme.accessibility_url, 'foot.accessibility'], [theme.privacy_url, 'foot.privacy'], [theme.help_url, 'foot.help']].filter(([url]) => webAddress(url));
  if (links.length === 0) return null;
  return html`<footer class="foot">${links.map(([url, key]) => html`<a href=${url} target="_blank" rel="noopener">${t(key)}</a>`)}</footer>`;
}

function App() {
  const { phase, joiningFrom } = useStore();
  useEffect(() => { if (phase === 'ended') scrollTo(0, 0); }, [phase]);
  if (phase === 'loading') return null;
  if (phase === 'meeting') return html`<${RoomPage} />`;
  const shown = phase === 'joining' ? joiningFrom : phase; // what was asked stays until there is an answer
  const view = { start: Start, join: Join, pin: Pin, lobby: Lobby, ended: Ended }[shown];
  return html`<div class="plain-page"><${Head} /><${view} key=${shown} /><${Foot} /></div>`;
}

// /<alias>, and perhaps ?name=…&pin=… as invitations have them; a PIN does not stay in the address line.
function readAddress() {
  const alias = decodeURIComponent(location.pathname.replace(/^\//, ''));
  const query = new URLSearchParams(location.search);
  const pinGiven = query.get('pin') ?? new URLSearchParams(location.hash.slice(1)).get('pin') ?? undefined;
  if (pinGiven !== undefined) history.replaceState(null, '', location.pathname);
  const layout = localStorage.getItem('viadux.layout');
  store.set({ alias, pinGiven, name: query.get('name') ?? sessionStorage.getItem('viadux.name') ?? '', ...(layout && { layout }) });
}

async function begin() {
  readAddress();
  const { alias } = store.state;
  const language = preferredLanguage();
  const [theme] = await Promise.all([loadTheme(alias), loadTexts(language)]);
  for (const name of ['terms_url', 'return_url']) theme[name] = webAddress(theme[name]);
  store.set({ theme, language });
  if (theme.texts) await loadTexts(language, theme);
  applyTheme(theme, alias);
  store.set({ phase: alias ? 'join' : 'start' });
  render(html`<${App} />`, document.getElementById('app'));
  loadModules(theme, alias);
}
addEventListener('pagehide', () => globalThis.viadux.meeting?.api.release());
begin();
