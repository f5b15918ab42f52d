// What goes wrong here, for the server's client log: no names, nothing of what is said. Sent in small lots.
const most = 200;
const every_ms = 5000;
let waiting = [];
let api;
let timer;
let slot = localStorage.getItem('viadux.log');
if (!/^[a-z0-9-]{8,64}$/.test(slot ?? '')) {
  slot = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  localStorage.setItem('viadux.log', slot);
}
let begin = true;

export function note(what, more = '') {
  console.debug('viadux', what, more); // for whoever has the browser's own tools open
  waiting.push(`${new Date().toISOString()} ${what} ${more}`.trim().slice(0, 500));
  if (waiting.length > most) waiting.shift();
  if (api) timer ??= setTimeout(send, every_ms);
}
async function send() {
  timer = undefined;
  const lines = waiting.splice(0);
  try {
    await api.person('client_log', { slot, begin, lines });
    begin = false;
  } catch { // the next time
    waiting = lines.concat(waiting).slice(-most);
  }
}
export function logTo(target) {
  api = target;
  begin = true;
  note('joined', navigator.userAgent);
}
addEventListener('error', (event) => note('error', `${event.message} ${event.filename?.replace(/.*\//, '')}:${event.lineno}`));
addEventListener('unhandledrejection', (event) => note('rejection', String(event.reason?.message ?? event.reason)));
