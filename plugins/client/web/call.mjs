// One media connection with many slots: one line for our sound, one for our picture, one for slides, and more lines
// where others come in. Says only what has happened; meeting.mjs decides what to do.
const audio_slots = 4;
// The server reads no longer description (docs/client.md).
export const longest_offer = 65536;
export class TooLong extends Error {}

function sendEncodings() {
  return [{ rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 150000 }, { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 1500000 }];
}

// What the server forwards and nothing else: twenty lines with all that a browser knows are a description too long to take.
function prefer(transceiver, wanted) {
  const kind = transceiver.receiver.track.kind;
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs.filter(({ mimeType, sdpFmtpLine = '' }) => wanted.test(mimeType)
    && !/packetization-mode=0/.test(sdpFmtpLine) && !(/h264/i.test(mimeType) && !/profile-level-id=42/i.test(sdpFmtpLine)));
  if (codecs?.length) transceiver.setCodecPreferences?.(codecs);
}

export class Call {
  // `slots`: pictures at most. `on(what, data)`: 'state' (connected, shaky, broken), 'media'.
  constructor(api, { slots = 9, on }) {
    this.api = api;
    this.on = on;
    this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.uuid = '';
    this.audio = this.pc.addTransceiver('audio', { direction: 'sendrecv' });
    try {
      this.video = this.pc.addTransceiver('video', { direction: 'sendrecv', sendEncodings: sendEncodings() });
    } catch { // a browser without simulcast
      this.video = this.pc.addTransceiver('video', { direction: 'sendrecv' });
    }
    this.slides = this.pc.addTransceiver('video', { direction: 'recvonly' });
    // What we present goes by a line of its own: Chromium draws nothing more of one that has sent and receives again.
    this.screen = this.pc.addTransceiver('video', { direction: 'inactive' });
    for (let i = 1; i < slots; i++) this.pc.addTransceiver('video', { direction: 'recvonly' });
    for (let i = 1; i < audio_slots; i++) this.pc.addTransceiver('audio', { direction: 'recvonly' });
    for (const each of this.pc.getTransceivers()) prefer(each, each.receiver.track.kind === 'audio' ? /opus/i : /vp8|h264|rtx/i);
    this.pc.onconnectionstatechange = () => this.judge();
    this.pc.oniceconnectionstatechange = () => this.judge();
    this.closed = false;
    // Twenty lines take a while to describe: while the server is asked for a token, say.
    this.offer = this.pc.createOffer();
    this.offer.catch(() => {}); // told of by open()
  }

  judge() {
    if (this.closed) return;
    const state = this.pc.connectionState;
    const said = state === 'connected' ? 'connected' : state === 'failed' ? 'broken' : state === 'disconnected' ? 'shaky' : 'connecting';
    if (said !== this.said) this.on('state', (this.said = said));
  }

  // The lines for slides carry what they are for (RFC 4796); browsers do not say so themselves.
  marked(sdp) {
    const mids = [this.slides, this.screen].map(({ mid }) => `a=mid:${mid}\r\n`);
    return sdp.split(/(?=^m=)/m).map((part) => (mids.some((mid) => part.includes(mid)) ? part.replace(/\r\n$/, '\r\na=content:slides\r\n') : part)).join('');
  }

  async open({ servers = [], relayOnly = false } = {}) {
    this.pc.setConfiguration({ bundlePolicy: 'max-bundle', iceServers: servers, iceTransportPolicy: relayOnly ? 'relay' : 'all' });
    await this.pc.setLocalDescription(await this.offer);
    const sdp = this.marked(this.pc.localDescription.sdp);
    if (sdp.length > longest_offer) throw new TooLong(`this browser's offer has ${sdp.length} bytes`);
    const answer = await this.api.call('', { call_type: 'WEBRTC', media_type: 'video', many_slots: true, sdp });
    this.uuid = answer.call_uuid;
    if (this.closed) return this.hangUp();
    await this.accept(answer.sdp);
    this.api.call(`/${this.uuid}/ack`, {}).catch(() => {}); // media has begun without it
  }

  async accept(sdp) {
    await this.pc.setRemoteDescription({ type: 'answer', sdp });
    this.on('media');
  }

  // A new offer: after a change of direction, or to find the way again. One at a time.
  update(options = {}) {
    const run = async () => {
      if (this.closed) return;
      await this.pc.setLocalDescription(await this.pc.createOffer(options));
      const answer = await this.api.call(`/${this.uuid}/update`, { sdp: this.marked(this.pc.localDescription.sdp), many_slots: true });
      if (!this.closed) await this.accept(typeof answer === 'string' ? answer : answer.sdp);
    };
    this.turn = (this.turn ?? Promise.resolve()).catch(() => {}).then(run);
    return this.turn;
  }

  // What we send; null sends nothing and keeps the line.
  async send({ audio, video }) {
    if (audio !== undefined) await this.audio.sender.replaceTrack(audio);
    if (video !== undefined) await this.video.sender.replaceTrack(video);
  }

  // The small layer is for rooms of more than two; `picture` off keeps the sound alone.
  async shape({ picture, crowd }) {
    const parameters = this.video.sender.getParameters();
    if (!parameters.encodings?.length) return;
    for (const encoding of parameters.encodings) {
      encoding.active = picture && (encoding.rid !== 'l' || crowd);
      encoding.priority = 'low';
      encoding.networkPriority = 'low';
    }
    await this.video.sender.setParameters(parameters).catch(() => {});
    const sound = this.audio.sender.getParameters();
    if (!sound.encodings?.length) return;
    sound.encodings[0].priority = sound.encodings[0].networkPriority = 'high';
    await this.audio.sender.setParameters(sound).catch(() => {});
  }

  async present(track) {
    this.screen.direction = 'sendonly';
    await this.screen.sender.replaceTrack(track);
    await this.update();
  }
  async stopPresenting() {
    await this.screen.sender.replaceTrack(null);
    this.screen.direction = 'inactive';
    await this.update();
  }

  // mid -> MediaStream, made once, so that an element keeps what it plays.
  stream(mid) {
    this.streams ??= new Map();
    const transceiver = this.pc.getTransceivers().find((each) => each.mid === mid);
    if (!transceiver) return null;
    let stream = this.streams.get(mid);
    if (!stream) this.streams.set(mid, (stream = new MediaStream([transceiver.receiver.track])));
    return stream;
  }
  sounds() {
    return this.pc.getTransceivers().filter((each) => each.receiver.track?.kind === 'audio' && each.mid).map((each) => this.stream(each.mid));
  }

  // {sent: bit/s that the line could take, lost: share of our packets, received: packets of all kinds so far}.
  async line() {
    const out = { available: 0, lost: 0, received: 0, frames: 0 };
    for (const entry of (await this.pc.getStats()).values()) {
      if (entry.type === 'candidate-pair' && entry.nominated) out.available = entry.availableOutgoingBitrate ?? 0;
      if (entry.type === 'remote-inbound-rtp') out.lost = Math.max(out.lost, entry.fractionLost ?? 0);
      if (entry.type === 'inbound-rtp') out.received += entry.packetsReceived ?? 0;
      if (entry.type === 'inbound-rtp' && entry.kind === 'video') out.frames += entry.framesDecoded ?? 0;
    }
    return out;
  }

  close() {
    this.closed = true;
    this.pc.close();
  }
  hangUp() {
    const { uuid } = this;
    this.close();
    if (uuid) this.api.call(`/${uuid}/disconnect`).catch(() => {});
  }
}
