// How each server is set up for the comparison: its best settings, a folder of its own, ports away from the defaults.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mediaAddress = '10.88.0.1'; // bench/run makes it

// A scheduler group of its own at the highest priority, pinned to core 1: other work on the machine disturbs least.
function startPinned(command, log, env = {}) {
  const script = 'echo -20 > /proc/self/autogroup 2>/dev/null; exec nice -n -20 taskset -c 1 "$@"';
  const child = spawn('setsid', ['sh', '-c', script, 'sh', ...command],
    { stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')], env: { ...process.env, ...env } });
  child.ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
  return child;
}

async function waitFor(url, child, log) {
  const deadline = Date.now() + 15000;
  let over = false;
  child.ended.then(() => { over = true; });
  while (Date.now() < deadline && !over) {
    try {
      if ((await fetch(url)).ok) return;
    } catch { /* not listening yet */ }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server did not get ready; its log:\n${readFileSync(log, 'utf8').slice(-2000)}`);
}

async function stop(child, folder) {
  child.kill('SIGTERM');
  const slow = setTimeout(() => child.kill('SIGKILL'), 5000);
  await child.ended;
  clearTimeout(slow);
  rmSync(folder, { recursive: true, force: true });
}

async function startJanus(_, scenario) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-janus-'));
  const library = '/usr/lib/x86_64-linux-gnu/janus';
  const plugin = scenario.kind === 'mixed' ? 'audiobridge' : 'videoroom';
  for (const [kind, file] of [['plugins', `libjanus_${plugin}.so`], ['transports', 'libjanus_http.so']]) {
    mkdirSync(join(folder, kind)); // nothing else is loaded
    symlinkSync(join(library, kind, file), join(folder, kind, file));
  }
  const config = join(folder, 'config');
  mkdirSync(config);
  const port = 18188;
  writeFileSync(join(config, 'janus.jcfg'), `
general: {
  configs_folder = "${config}"
  plugins_folder = "${folder}/plugins"
  transports_folder = "${folder}/transports"
  events_folder = "${folder}/none"
  loggers_folder = "${folder}/none"
  debug_level = 0
  log_to_stdout = false
  session_timeout = 0
  event_loops = 1
}
nat: { ice_lite = true, ice_enforce_list = "${mediaAddress}" }
media: { ipv6 = false, rtp_port_range = "20000-60000" }
`);
  writeFileSync(join(config, 'janus.transport.http.jcfg'), `
general: { json = "compact", base_path = "/janus", http = true, port = ${port}, interface = "lo", https = false }
`);
  writeFileSync(join(config, `janus.plugin.${plugin}.jcfg`), 'general: { }\n');
  const log = join(folder, 'log');
  const child = startPinned(['janus', '-F', config, '-C', join(config, 'janus.jcfg')], log);
  await waitFor(`http://127.0.0.1:${port}/janus/info`, child, log);
  return { pid: child.pid, arguments: ['--janus', `http://127.0.0.1:${port}/janus`], stop: () => stop(child, folder) };
}

async function startViadux({ build }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-viadux-'));
  mkdirSync(join(folder, 'organisations/bench'), { recursive: true });
  writeFileSync(join(folder, 'organisations/bench/organisation.toml'),
    'name = "Bench"\n[rooms_on_demand]\nenabled = true\nmax = 10000\n');
  const port = 18190;
  writeFileSync(join(folder, 'viadux.toml'), `
[http]
port = ${port}
tls_port = 0
address = "127.0.0.1"
connections_per_client = 10000
[media]
port = 18200
workers = 1
addresses = ["${mediaAddress}"]
[plugins]
path = "${process.cwd()}/${build}/lib/viadux/plugins"
[store]
url = "sqlite::memory:"
[organisations]
path = "${folder}/organisations"
default = "bench"
[log]
level = "warning"
[control]
socket = "${folder}/control.sock"
`);
  const log = join(folder, 'log');
  const child = startPinned([`${build}/bin/viadux`, 'run', '--config', join(folder, 'viadux.toml')], log);
  await waitFor(`http://127.0.0.1:${port}/readyz`, child, log);
  return { pid: child.pid, arguments: ['--whip', `http://127.0.0.1:${port}`], stop: () => stop(child, folder) };
}

export const servers = { viadux: startViadux, janus: startJanus };
