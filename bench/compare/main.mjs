// Viadux and Janus, alternating in one run on the same core, under the same synthetic participants.
import { writeFileSync } from 'node:fs';
import { calibrate, measure } from './measure.mjs';
import { servers } from './servers.mjs';
import { median, range } from './statistics.mjs';
import { describe, table } from './table.mjs';

const help = `bench/run [--quick] [--rounds N] [--scenarios LIST] [--servers LIST] [--duration SECONDS] [--build DIR]
          [--json FILE] [-- options for viadux-bench]

  --rounds 7                    interleaved rounds of each scenario and server; --quick is 3 shorter ones
  --scenarios fanout:100,room:10,pairs:20,mixed:20:1,mixed:20:4
                                mixed:20:4 is 20 in one audio mix, of whom 4 speak; Janus' audiobridge does it there
  --servers viadux,janus        which to compare; the first is the one that ratios are about
  --duration 6                  seconds measured, after 2 of warm-up
  --build build                 where bin/viadux and bin/viadux-bench are (a release build)
  --json build/bench.json       all figures
Each server is pinned to core 1, the participants to core 0. The figure: CPU time of the server's processes, the kernel's
part included, by packets that arrived at a participant, passed authentication and held what was sent; in mixed, by each
participant's 20 ms: whoever hears others' voices must have heard them in all of them.`;

function parse(argv) {
  const options = {
    rounds: 7, duration: 6, build: 'build', json: 'build/bench.json', extra: [],
    scenarios: 'fanout:100,room:10,pairs:20,mixed:20:1,mixed:20:4', servers: 'viadux,janus',
  };
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].replace(/^--/, '');
    if (name === 'help') { console.log(help); process.exit(0); }
    if (name === 'quick') { options.rounds = 3; options.duration = 4; continue; }
    if (argv[i] === '--') { options.extra = argv.slice(i + 1); break; }
    if (!(name in options) || i + 1 === argv.length) {
      console.error(`bench/run: '${argv[i]}' is no option or lacks its value; see bench/run --help`);
      process.exit(2);
    }
    options[name] = argv[++i];
  }
  options.rounds = Number(options.rounds);
  options.duration = Number(options.duration);
  options.scenarios = options.scenarios.split(',').map((text) => {
    const [kind, size, talkers] = text.split(':');
    const rest = talkers ? ['--talkers', talkers] : [];
    return { kind, size: Number(size), arguments: rest, name: [kind, size, talkers].filter(Boolean).join(' ') };
  });
  options.servers = options.servers.split(',');
  for (const name of options.servers) {
    if (name in servers) continue;
    console.error(`bench/run: '${name}' is no server; there are ${Object.keys(servers).join(', ')}`);
    process.exit(2);
  }
  return options;
}

const options = parse(process.argv.slice(2));
const system = describe(options);
console.log(system.text);

const floors = [];
const runs = [];
for (let round = 0; round < options.rounds; round++) {
  floors.push(await calibrate(options));
  for (const scenario of options.scenarios) {
    // A, B, then B, A: what warms up or tires in between falls on both.
    const order = round % 2 === 0 ? options.servers : [...options.servers].reverse();
    for (const name of order) {
      const run = await measure(options, scenario, name);
      runs.push({ round, scenario: scenario.name, server: name, ...run });
      const cost = run.result?.cpu_us_per_packet;
      const said = cost === undefined ? `no figure: ${run.problem}` : `${cost.toFixed(2)} us per packet`;
      console.error(`round ${round + 1}/${options.rounds}  ${scenario.name.padEnd(12)} ${name.padEnd(8)} ${said}`);
    }
  }
}

const floor = {
  sendto: range(floors.map((f) => f.sendto_us)), gso: range(floors.map((f) => f.gso_us)),
  sendtoMedian: median(floors.map((f) => f.sendto_us)), gsoMedian: median(floors.map((f) => f.gso_us)),
};
console.log(table(options, runs, floor));
writeFileSync(options.json, JSON.stringify({ system, options, floors, runs }, null, 1));
console.log(`all figures: ${options.json}`);
process.exit(runs.some((run) => run.problem) ? 1 : 0);
