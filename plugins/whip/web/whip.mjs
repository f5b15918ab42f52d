// A WHIP publisher (RFC 9725) and a WHEP player for browsers, without dependencies.
//
// Both hold one RTCPeerConnection and the resource that the server made for it; close() deletes that resource.
// Candidates need no trickling: the server is an ICE-lite agent and learns our addresses from our checks.

// The server said no: `status` is HTTP's, `reason` the problem document's word, `message` its sentence.
export class Refused extends Error {
  constructor(status, problem) {
    super([problem.title, problem.detail].filter(Boolean).join('; ') || `HTTP ${status}`);
    this.status = status;
    this.reason = problem.reason || '';
  }
}

async function exchange(pc, url, token) {
  await pc.setLocalDescription(await pc.createOffer());
  const headers = { 'Content-Type': 'application/sdp' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(url, { method: 'POST', headers, body: pc.localDescription.sdp });
  if (!answer.ok) {
    let problem = {};
    try { problem = await answer.json(); } catch { /* not ours: the status has to do */ }
    throw new Refused(answer.status, problem);
  }
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  return {
    resource: new URL(answer.headers.get('Location'), answer.url).href,
    participant: answer.headers.get('Viadux-Participant') || '',
  };
}

class Connection {
  constructor() {
    this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.resource = '';
    this.participant = '';
    this.onlost = () => {};
    this.pc.addEventListener('connectionstatechange', () => {
      if (['failed', 'closed'].includes(this.pc.connectionState)) this.onlost();
    });
  }
  async open(url, token) {
    Object.assign(this, await exchange(this.pc, url, token));
  }
  // Also works while the page is being closed (keepalive).
  async close() {
    this.onlost = () => {};
    this.pc.close();
    if (!this.resource) return;
    const resource = this.resource;
    this.resource = '';
    try { await fetch(resource, { method: 'DELETE', keepalive: true }); } catch { /* it expires by itself */ }
  }
}

export class Publisher extends Connection {
  // `encodings` as for addTransceiver(): give three with a rid each for simulcast.
  async start(url, stream, { token, encodings } = {}) {
    for (const track of stream.getTracks()) {
      const init = { direction: 'sendonly', streams: [stream] };
      if (track.kind === 'video' && encodings) init.sendEncodings = encodings;
      this.pc.addTransceiver(track, init);
    }
    await this.open(url, token);
  }
}

export class Player extends Connection {
  // Offers that many receiving lines; the server decides what each shows. Resolves to the tracks in their order.
  async start(url, { token, audio = 1, video = 1 } = {}) {
    const receivers = [];
    for (const [kind, count] of [['audio', audio], ['video', video]]) {
      for (let i = 0; i < count; i++) receivers.push(this.pc.addTransceiver(kind, { direction: 'recvonly' }).receiver);
    }
    this.receivers = receivers;
    await this.open(url, token);
    return receivers.map((receiver) => receiver.track);
  }
}
