// Written messages.
import { html, useEffect, useRef, useState } from './vendor/preact.mjs';
import { say } from './actions.mjs';
import { Icon } from './icons.mjs';
import { Panel, useStore } from './parts.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const time = (at) => new Intl.DateTimeFormat(store.state.language === 'da' ? 'da-DK' : 'en-GB', { hour: '2-digit', minute: '2-digit' }).format(at);
// Links can be followed; all the rest is text.
const parts = (text) => text.split(/(https?:\/\/[^\s<>"]+)/).map((part, i) => (i % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer">${part}</a>` : part));

export function Chat() {
  const { messages } = useStore();
  const [text, setText] = useState('');
  const list = useRef(null);
  useEffect(() => {
    list.current.scrollTop = list.current.scrollHeight;
    if (store.state.unread) store.set({ unread: 0 });
  }, [messages.length]);
  const submit = async (event) => {
    event?.preventDefault();
    const words = text.trim();
    if (words && await say(words)) setText('');
  };
  return html`<${Panel} title=${t('chat.title')} kind="chat" onClose=${() => store.set({ panel: '' })}>
    <ol class="messages scroll" ref=${list} tabindex="0" aria-label=${t('chat.messages')}>
      ${messages.length === 0 && html`<li class="quiet">${t('chat.none')}</li>`}
      ${messages.map((message) => html`<li class=${message.mine ? 'mine' : ''}><p class="from"><b>${message.mine ? t('you') : message.from}</b> <time>${time(message.at)}</time></p><p>${parts(message.text)}</p></li>`)}</ol>
    <form class="write" onSubmit=${submit}><label class="unseen" for="message">${t('chat.write')}</label>
      <textarea id="message" rows="2" maxlength="4000" placeholder=${t('chat.write')} value=${text} onInput=${(event) => setText(event.target.value)}
        onKeyDown=${(event) => { if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); submit(); } }}></textarea>
      <button id="send" class="button primary" aria-label=${t('chat.send')} title=${t('chat.send')}><${Icon} name="send" /></button></form>
  <//>`;
}
