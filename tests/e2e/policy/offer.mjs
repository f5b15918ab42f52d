// A WHIP offer without a browser: admission is asked, media never comes.
const line = (kind, mid, pt, codec) => `m=${kind} 9 UDP/TLS/RTP/SAVPF ${pt}
c=IN IP4 0.0.0.0
a=mid:${mid}
a=sendonly
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 ${Array(32).fill('A5').join(':')}
a=setup:actpass
a=rtcp-mux
a=rtpmap:${pt} ${codec}
`;
export const offer = `v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1\n${line('audio', 0, 111, 'opus/48000/2')}${
  line('video', 1, 96, 'VP8/90000')}`.replaceAll('\n', '\r\n');

// Comes in and leaves again; {status, reason, message, ms}.
export async function join(server, address, { pin } = {}) {
  const began = performance.now();
  const headers = { 'Content-Type': 'application/sdp', ...(pin && { Authorization: `Bearer ${pin}` }) };
  const answer = await server.get(`/whip/${address}`, { method: 'POST', headers, body: offer });
  const ms = performance.now() - began;
  const text = await answer.text();
  if (answer.status === 201) await server.get(answer.headers.get('location'), { method: 'DELETE' });
  const said = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: answer.status, reason: said.reason, message: said.title, ms, headers: answer.headers };
}
