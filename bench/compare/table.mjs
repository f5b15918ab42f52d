// The figures for a reader: medians with ranges, ratios only where they can be told apart.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';
import { distinguishable, median, range } from './statistics.mjs';

function version(name) {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8' });
  } catch {
    return 'not installed';
  }
}

export function describe(options) {
  const facts = {
    cpu: `${cpus().length} x ${cpus()[0].model}`, kernel: release(), janus: version('janus'), libsrtp2: version('libsrtp2-1'),
    load: loadavg()[0], at: new Date().toISOString(),
  };
  const text = `${facts.cpu}, Linux ${facts.kernel}, load ${facts.load.toFixed(1)}; janus ${facts.janus} (one event loop, ` +
    `ICE-lite, no log), libsrtp2 ${facts.libsrtp2}\n${options.rounds} interleaved rounds of ${options.duration} s; medians (lowest..highest)`;
  return { ...facts, text };
}

const fixed = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : '-');

function row(runs, scenario, server) {
  const mine = runs.filter((run) => run.scenario === scenario && run.server === server);
  const good = mine.filter((run) => !run.problem).map((run) => run.result);
  const costs = good.map((result) => result.cpu_us_per_packet);
  const of = (pick) => median(good.map(pick));
  return {
    scenario, server, costs, rounds: `${good.length}/${mine.length}`,
    cost: costs.length ? `${fixed(median(costs))} (${fixed(range(costs).low)}..${fixed(range(costs).high)})` : 'no figure',
    pps: fixed(of((result) => result.packets_per_second), 0), cores: fixed(of((result) => result.server_cores)),
    p50: fixed(of((result) => result.delay_us.p50 / 1000), 1), p99: fixed(of((result) => result.delay_us.p99 / 1000), 1),
    rss: fixed(of((result) => result.rss_kb_per_receiver ?? NaN), 0),
    notes: [...new Set(mine.flatMap((run) => run.notes ?? []))],
    problems: [...new Set(mine.map((run) => run.problem).filter(Boolean))],
  };
}

export function table(options, runs, floor) {
  const lines = ['', '| scenario | server | good rounds | CPU us per packet | packets/s | cores | p50 ms | p99 ms | kB per receiver |',
    '|---|---|---|---|---|---|---|---|---|'];
  const perCore = (r) => `${fixed(20000 / median(r.costs), 0)} on ${r.server}`; // a participant's 20 ms cost so many us
  const verdicts = [];
  const remarks = [];
  for (const { name } of options.scenarios) {
    const rows = options.servers.map((server) => row(runs, name, server));
    for (const r of rows) {
      lines.push(`| ${r.scenario} | ${r.server} | ${r.rounds} | ${r.cost} | ${r.pps} | ${r.cores} | ${r.p50} | ${r.p99} | ${r.rss} |`);
      for (const text of [...r.notes, ...r.problems]) remarks.push(`${r.scenario}, ${r.server}: ${text}`);
    }
    if (name.startsWith('mixed') && rows.every((r) => r.costs.length > 0))
      verdicts.push(`${name}: participants one core carries: ${rows.map(perCore).join(', ')}`);
    for (const other of rows.slice(1)) {
      const [a, b] = [rows[0].costs, other.costs];
      if (Math.min(a.length, b.length) < 3) verdicts.push(`${name}: fewer than three good rounds, no comparison with ${other.server}`);
      else if (!distinguishable(a, b)) verdicts.push(`${name}: ${rows[0].server} and ${other.server} are not distinguishable`);
      else verdicts.push(`${name}: ${other.server} takes ${fixed(median(b) / median(a))} times the CPU of ${rows[0].server}`);
    }
  }
  lines.push('', `The datagrams alone, in the same rounds: sendto ${fixed(floor.sendtoMedian)} us ` +
    `(${fixed(floor.sendto.low)}..${fixed(floor.sendto.high)}), GSO in runs of 6 ${fixed(floor.gsoMedian)} us ` +
    `(${fixed(floor.gso.low)}..${fixed(floor.gso.high)}).`,
  'On loopback the receiving half of the kernel is charged to the server, about 1.2 us per packet for everybody.', '');
  return [...lines, ...verdicts, ...remarks.map((text) => `note: ${text}`)].join('\n');
}
