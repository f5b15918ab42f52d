// The API by hand: what the tests send as older clients do, and event streams as text.
export class Api {
  constructor(server, alias) { Object.assign(this, { server, alias, base: `/api/client/v2/conferences/${encodeURIComponent(alias)}` }); }
  async post(path, body, headers = {}) {
    const response = await this.server.get(`${this.base}/${path}`, {
      method: 'POST', headers: { ...(this.token ? { token: this.token } : {}), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { code: response.status, type: response.headers.get('content-type'), ...await response.json().catch(() => ({})) };
  }
  async read(path) {
    const response = await this.server.get(`${this.base}/${path}`, { headers: { token: this.token } });
    return { code: response.status, ...await response.json().catch(() => ({})) };
  }
  async join(body = {}, headers = {}) {
    const answer = await this.post('request_token', { display_name: 'Someone', ...body }, headers);
    if (answer.code === 200) Object.assign(this, { token: answer.result.token, uuid: answer.result.participant_uuid, role: answer.result.role });
    return answer;
  }
  me(action, body) { return this.post(`participants/${this.uuid}/${action}`, body); }
  to(other, action, body) { return this.post(`participants/${other.uuid}/${action}`, body); }
  // Reads the stream in the background; `seen` grows.
  async events() {
    const stop = new AbortController();
    const response = await this.server.get(`${this.base}/events?token=${this.token}`, { signal: stop.signal });
    const stream = { code: response.status, type: response.headers.get('content-type'), seen: [], text: '', ended: false,
      of: (name) => stream.seen.filter((e) => e.event === name).map((e) => e.data), close: () => stop.abort() };
    const pump = async () => {
      const decoder = new TextDecoder();
      let rest = '';
      try {
        for await (const chunk of response.body) {
          const text = decoder.decode(chunk, { stream: true });
          stream.text += text;
          rest += text;
          const blocks = rest.split('\n\n');
          rest = blocks.pop();
          for (const block of blocks) {
            const event = /^event: (.*)$/m.exec(block)?.[1];
            if (event) stream.seen.push({ event, data: JSON.parse(/^data: (.*)$/m.exec(block)[1]) });
          }
        }
      } catch { /* closed by us, or by the server's end */ }
      stream.ended = true;
    };
    pump();
    return stream;
  }
}
