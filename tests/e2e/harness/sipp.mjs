// Debian's sipp, for what no telephone does on purpose: one scenario, one call, and whether it went as written.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = '/usr/bin/sipp';
export const missing = !existsSync(program) && 'sipp is not installed';

const offer = (direction) => `v=0
o=unit 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=${direction}
`;

// `within` a dialog, the peer's tag goes along. An ACK for a refusal, like a CANCEL, belongs to its INVITE's transaction.
export function request(method, { cseq = 1, sdp = '', within = false, refused = false, more = '' } = {}) {
  const branch = `z9hG4bK-[pid]-[call_number]-${cseq}${method === 'ACK' && !refused ? '-a' : ''}`;
  return `<send${method === 'ACK' ? '' : ' retrans="500"'}><![CDATA[
${method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}
From: "Unit" <sip:unit@[local_ip]:[local_port]>;tag=[pid]x[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>${within ? '[peer_tag_param]' : ''}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:unit@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
${more}${sdp ? 'Content-Type: application/sdp\n' : ''}Content-Length: [len]

${sdp ? offer(sdp) : ''}]]></send>`;
}

// `check`: regular expressions that the message must match.
function checks(patterns) {
  if (patterns.length === 0) return '';
  const escaped = patterns.map((pattern) => pattern.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;'));
  return `<action>${escaped.map((pattern) => `<ereg regexp="${pattern}" search_in="msg" check_it="true" assign_to="found"/>`).join('')}</action>`;
}
export const response = (status, { optional = false, check = [] } = {}) =>
  `<recv response="${status}"${optional ? ' optional="true"' : ''}>${checks(check)}</recv>`;
export const asked = (method, { check = [] } = {}) => `<recv request="${method}">${checks(check)}</recv>`;
export const pause = (milliseconds) => `<pause milliseconds="${milliseconds}"/>`;
export const reply = (status) => `<send><![CDATA[
SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>`;

// Resolves where the call went as written; else it rejects with what came instead.
export function sipp(port, room, steps, { transport = 'u1', calls = 1, rate = 10, timeout = 20 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'viadux-sipp-'));
  writeFileSync(join(folder, 'scenario.xml'), `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="test">\n${steps.join('\n')}\n${steps.some((step) => step.includes('"found"')) ? '<Reference variables="found"/>\n' : ''}</scenario>\n`);
  const args = [`127.0.0.1:${port}`, '-i', '127.0.0.1', '-mi', '127.0.0.1', '-sf', 'scenario.xml', '-s', room, '-m', String(calls), '-r', String(rate),
    '-t', transport, '-nostdin', '-timeout', String(timeout), '-timeout_error', '-trace_err', '-trace_msg', '-nd'];
  return new Promise((done, failed) => {
    execFile(program, args, { cwd: folder, maxBuffer: 1 << 24, timeout: (timeout + 10) * 1000 }, (error, stdout) => {
      const written = readdirSync(folder).filter((name) => name.endsWith('.log')).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
      rmSync(folder, { recursive: true, force: true });
      if (error) failed(new Error(`sipp: ${error.code ?? error.signal}\n${written.slice(-6000) || stdout.slice(-3000)}`));
      else done(written);
    });
  });
}
