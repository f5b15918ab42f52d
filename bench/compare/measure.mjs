// One run: a fresh server, the participants, and the reasons not to believe the figure.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { servers } from './servers.mjs';

function run(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 1 << 24, timeout: 300000 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }));
  });
}

function cpuTimes() { // in ticks, of the whole machine
  const [, user, nice, system, idle, wait, irq, soft, steal] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).map(Number);
  return { busy: user + nice + system + irq + soft, all: user + nice + system + idle + wait + irq + soft + steal, steal };
}

export async function calibrate({ build }) {
  const { stdout } = await run(`${build}/bin/viadux-bench-floor`, []);
  return JSON.parse(stdout);
}

export async function measure(options, scenario, name) {
  let server;
  try {
    server = await servers[name](options, scenario);
  } catch (error) {
    return { problem: error.message };
  }
  const before = cpuTimes();
  const pinned = 'echo -20 > /proc/self/autogroup 2>/dev/null; exec nice -n -20 taskset -c 0 "$@"';
  const { stdout, stderr } = await run('setsid', ['-w', 'sh', '-c', pinned, 'sh', `${options.build}/bin/viadux-bench`,
    scenario.kind, String(scenario.size), ...scenario.arguments, ...server.arguments, '--server-pid', String(server.pid),
    '--duration', String(options.duration), ...options.extra]);
  const after = cpuTimes();
  await server.stop();

  let result;
  try {
    result = JSON.parse(stdout);
  } catch {
    return { problem: `viadux-bench gave no result: ${stderr.slice(-500)}` };
  }
  const steal = (after.steal - before.steal) / (after.all - before.all);
  const notes = [];
  if (result.client_cores > 0.7) notes.push('the participants were near their own limit');
  if (steal > 0.02) notes.push(`${(steal * 100).toFixed(1)} % of the time was stolen by the host`);
  return { result, notes, problem: result.ok ? undefined : result.problems.join('; ') };
}
