// The client API (docs/client.md) as this page uses it: requests, the token, the event stream.

export class Refused extends Error {
  constructor(status, result) {
    super(typeof result === 'string' ? result : `refused with ${status}`);
    this.status = status;
    this.result = result;
  }
}

// Nobody answered: there is no network, or no server.
export class Unreached extends Error {}

const patience_ms = 10000;
const event_names = ['participant_sync_begin', 'participant_sync_end', 'participant_create', 'participant_update',
  'participant_delete', 'conference_update', 'disconnect', 'message_received', 'presentation_start', 'presentation_stop',
  'stage', 'slots', 'refer', 'refresh_token', 'call_disconnected', 'fecc', 'breakout_begin', 'breakout_end', 'breakout_event',
  'breakout_refer'];

export class Api {
  constructor(alias) {
    this.alias = alias;
    this.base = `/api/client/v2/conferences/${encodeURIComponent(alias)}`;
    this.token = '';
    this.me = '';
  }

  // Resolves to `result`; throws Refused where the server said no, and Unreached where nobody answered.
  async send(method, path, body, headers = {}) {
    const out = { ...headers };
    if (this.token) out.token = this.token;
    if (body !== undefined) out['Content-Type'] = 'application/json';
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), patience_ms);
    try {
      const response = await fetch(this.base + path, {
        method, headers: out, body: body === undefined ? undefined : JSON.stringify(body), signal: abort.signal, cache: 'no-store',
      }).catch((error) => { throw new Unreached(error.message); });
      const said = await response.json().catch(() => ({}));
      if (!response.ok) throw new Refused(response.status, said.result ?? response.statusText);
      return said.result;
    } finally {
      clearTimeout(timer);
    }
  }
  post(path, body) { return this.send('POST', path, body); }
  // To a participant; without `uuid`, of oneself.
  person(action, body, uuid = this.me) { return this.post(`/participants/${uuid}/${action}`, body); }
  // Media of our own, in the room where we are: `callRoom` is a break-out that a host has gone to.
  call(action, body) {
    return this.post(`${this.callRoom ? `/breakouts/${this.callRoom}` : ''}/participants/${this.me}/calls${action}`, body);
  }

  async requestToken({ name, pin, ticket }) {
    this.token = '';
    const body = { display_name: name, many_slots: true, direct_media: false, breakout_rooms: true, ...(ticket && { token: ticket }) };
    return this.take(await this.send('POST', '/request_token', body, pin ? { pin } : {}));
  }
  async refresh() { return this.take(await this.post('/refresh_token')); }
  take(result) {
    this.token = result.token;
    if (result.participant_uuid) this.me = result.participant_uuid;
    this.lifetime_ms = Number(result.expires) * 1000;
    return result;
  }

  // Also while the tab closes, when no other request gets through.
  release() {
    if (!this.token) return;
    navigator.sendBeacon?.(`${this.base}/release_token?token=${this.token}`);
    this.token = '';
  }

  // `on(name, data)` for each event, on('open') and on('broken') for the stream itself.
  listen(on) {
    this.deafen();
    const stream = new EventSource(`${this.base}/events?token=${this.token}`);
    this.stream = stream;
    stream.onopen = () => on('open');
    stream.onerror = () => {
      stream.close();
      if (this.stream === stream) on('broken');
    };
    for (const name of event_names)
      stream.addEventListener(name, (event) => {
        if (this.stream === stream) on(name, JSON.parse(event.data));
      });
  }
  deafen() {
    this.stream?.close();
    this.stream = undefined;
  }
}
