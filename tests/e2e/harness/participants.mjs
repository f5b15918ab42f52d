// The synthetic participants of bench/client.
import { execFile } from 'node:child_process';
import { binary } from './server.mjs';

// Resolves to the program's report; report.ok says whether all that arrived was right.
export function participants(server, scenario, size, ...options) {
  const args = [scenario, String(size), '--whip', server.url, '--server-pid', String(server.pid), ...options.map(String)];
  return new Promise((done, failed) => {
    execFile(binary('viadux-bench'), args, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      try {
        done(JSON.parse(stdout));
      } catch {
        failed(new Error(`viadux-bench ${args.join(' ')}: ${error?.message ?? ''} ${stderr}`));
      }
    });
  });
}
