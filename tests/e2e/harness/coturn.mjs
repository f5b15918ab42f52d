// A real coturn on ports of its own: below what the harness picks for media (20000 and up).
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const turnserver = '/usr/bin/turnserver';
export const missing = !existsSync(turnserver) && 'coturn is not installed';

const canBind = (port) => new Promise((done) => {
  const socket = createSocket('udp4').on('error', () => done(false)).bind(port, '127.0.0.1', () => socket.close(() => done(true)));
});
// UDP ports in a row that nobody has; the listening port comes first, the relayed ones after it.
async function freePorts(count) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 10000 + Math.floor(Math.random() * (9900 - count));
    let free = true;
    for (let i = 0; i < count && free; i++) free = await canBind(base + i);
    if (free) return base;
  }
  throw new Error('no free ports for coturn');
}
export const freeUdpPort = () => freePorts(1);

export async function startCoturn(secret, { relayed = 60 } = {}) {
  const port = await freePorts(relayed + 1);
  const folder = mkdtempSync(join(tmpdir(), 'viadux-turn-'));
  const coturn = { port, output: '' };
  let ended;
  coturn.start = () => {
    const child = spawn(turnserver, ['-n', '--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=viadux.test',
      '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, `--min-port=${port + 1}`, `--max-port=${port + relayed}`,
      '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--log-file=stdout', `--pidfile=${folder}/pid`,
      `--userdb=${folder}/db`], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { coturn.output = (coturn.output + text).slice(-20000); });
    ended = new Promise((done) => { child.on('exit', done); });
    coturn.child = child;
  };
  coturn.stop = async ({ failed = false } = {}) => {
    coturn.child.kill('SIGKILL');
    await ended;
    if (failed) console.error(`--- coturn\n${coturn.output}\n---`);
    rmSync(folder, { recursive: true, force: true });
  };
  coturn.start();
  return coturn;
}
