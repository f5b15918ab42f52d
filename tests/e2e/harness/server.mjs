// The built server on free ports with a folder of its own.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const build = resolve(root, process.env.VIADUX_BUILD ?? 'build');
export const binary = (name) => join(build, 'bin', name);

function freeTcpPort() {
  return new Promise((done, failed) => {
    const server = createServer().on('error', failed).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

function bindUdp(port) {
  return new Promise((done) => {
    const socket = createSocket('udp4').on('error', () => done(null)).bind(port, '127.0.0.1', () => done(socket));
  });
}

// Media takes one port per worker in a row. Below the kernel's own range, so that nobody gets one in between, and clear
// of media.rtp_ports.
async function freeMediaPorts(count) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 20000 + Math.floor(Math.random() * 11000);
    const sockets = [];
    for (let i = 0; i < count; i++) sockets.push(await bindUdp(base + i));
    for (const socket of sockets) socket?.close();
    if (sockets.every(Boolean)) return base;
  }
  throw new Error('no free ports for media');
}

const toml = (value) => (Array.isArray(value) ? `[${value.map(toml).join(', ')}]` : JSON.stringify(value));

function writeConfig(folder, sections) {
  const text = Object.entries(sections)
    .map(([name, keys]) => `[${name}]\n${Object.entries(keys).map(([k, v]) => `${k} = ${toml(v)}`).join('\n')}\n`);
  const file = join(folder, 'viadux.toml');
  writeFileSync(file, text.join('\n'));
  return file;
}

const demo = `name = "Tests"
[rooms_on_demand]
enabled = true
max = 5000
[[room]]
alias = "demo"
name = "Demo room"
[[room]]
alias = "test"
name = "Test room"
host_pin = "1234"
guests_without_pin = true
`;

// `config` is {section: {key: value}} over what is set here; `organisation` is the text of its TOML file;
// `organisations` are more of them: {code: {'organisation.toml': text, 'policy.lua': text, 'theme/theme.json': …}}.
export async function startServer({ config = {}, organisation = demo, organisations = {}, workers = 2 } = {}) {
  if (!existsSync(binary('viadux'))) throw new Error(`${binary('viadux')} is not built; set VIADUX_BUILD or build it`);
  const folder = mkdtempSync(join(tmpdir(), 'viadux-e2e-'));
  mkdirSync(join(folder, 'organisations/tests'), { recursive: true });
  writeFileSync(join(folder, 'organisations/tests/organisation.toml'), organisation);
  for (const [code, files] of Object.entries(organisations)) {
    for (const [name, text] of Object.entries(files)) {
      const file = join(folder, 'organisations', code, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  const [port, mediaPort] = [await freeTcpPort(), await freeMediaPorts(workers)];
  const sections = {
    http: { port, tls_port: 0, address: '127.0.0.1', connections_per_client: 10000 },
    media: { port: mediaPort, workers, addresses: ['127.0.0.1'] },
    plugins: { path: join(build, 'lib/viadux/plugins') },
    store: { url: `sqlite:${folder}/viadux.db` },
    organisations: { path: `${folder}/organisations`, default: 'tests' },
    log: { level: 'info' },
    control: { socket: `${folder}/control.sock`, drain_timeout: '10s' },
    sip: { port: 0 },
  };
  for (const [section, keys] of Object.entries(config)) sections[section] = { ...sections[section], ...keys };
  const server = new Server(folder, writeConfig(folder, sections), port, mediaPort);
  try {
    await server.start();
  } catch (error) {
    await server.kill();
    throw error;
  }
  return server;
}

class Server {
  constructor(folder, configFile, port, mediaPort) {
    Object.assign(this, { folder, configFile, logFile: join(folder, 'log'), port, mediaPort, url: `http://127.0.0.1:${port}` });
  }
  // Again after crash(): the same ports, the same store, the same log.
  async start() {
    const log = openSync(this.logFile, 'a');
    const child = spawn(binary('viadux'), ['run', '--config', this.configFile], { stdio: ['ignore', log, log], cwd: root });
    closeSync(log);
    Object.assign(this, { child, pid: child.pid, exited: undefined });
    this.ended = new Promise((done) => {
      child.on('exit', (code, signal) => { this.exited = signal ?? `code ${code}`; done({ code, signal }); });
    });
    await until(async () => (await this.get('/readyz')).status === 200, { what: 'the server to be ready', timeout: 15000,
      unless: () => this.exited && `it ended with ${this.exited}` });
  }
  // kill -9: nothing is said to anybody.
  async crash() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
  log() { return readFileSync(this.logFile, 'utf8'); }
  async get(path, init) { return fetch(this.url + path, init); }
  // Sum over all label values that contain `labels`: metric('viadux_rtp_nacks_total', 'direction="in"').
  async metric(name, labels = '') {
    const text = await (await this.get('/metrics')).text();
    let sum = 0;
    for (const line of text.split('\n')) {
      const [series] = line.split(' ');
      if ((series === name || series.startsWith(`${name}{`)) && series.includes(labels)) sum += Number(line.slice(line.lastIndexOf(' ')));
    }
    return sum;
  }
  residentKb() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]);
  }
  // SIGTERM, and SIGKILL if that takes too long; shows the log where the test has failed or the server did.
  async stop({ failed = false, patience = 15000 } = {}) {
    if (!this.exited) this.child.kill('SIGTERM');
    const slow = setTimeout(() => this.child.kill('SIGKILL'), patience);
    const { code, signal } = await this.ended;
    clearTimeout(slow);
    const bad = code !== 0;
    if (failed || bad) console.error(`--- the server's log\n${this.log().slice(-8000)}\n---`);
    rmSync(this.folder, { recursive: true, force: true });
    if (bad) throw new Error(`the server ended with ${signal ?? `code ${code}`}`);
  }
  async kill() {
    if (!this.exited) this.child.kill('SIGKILL');
    await this.ended;
    console.error(`--- the server's log\n${this.log().slice(-8000)}\n---`);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
