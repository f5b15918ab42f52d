// A bad network between a page and the server: the program of bench/relay, and answers that lead into it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { binary } from './server.mjs';

export async function startRelay(targetPort, ...commands) {
  const child = spawn(binary('viadux-relay'), [`127.0.0.1:${targetPort}`, ...commands], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  child.on('exit', (code) => waiting.splice(0).forEach((told) => told({ error: `it ended with code ${code}` })));
  const answer = () => new Promise((done) => { waiting.push(done); });
  const { port } = await answer();
  return {
    port,
    async command(line) {
      const said = answer();
      child.stdin.write(`${line}\n`);
      const result = await said;
      if (result.error) throw new Error(`relay: ${result.error}`);
      return result;
    },
    stop() { child.stdin.end(); },
  };
}

export function candidatePort(sdp) {
  const found = /^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) /im.exec(sdp);
  if (!found) throw new Error(`no UDP candidate on 127.0.0.1 in the answer:\n${sdp}`);
  return Number(found[1]);
}

// Only UDP on loopback is left, and it leads to `port`.
export function leadTo(sdp, port) {
  return sdp.replace(/^a=candidate:.*\r?\n/gim, (line) =>
    (/ 1 udp \d+ 127\.0\.0\.1 \d+ /i.test(line) ? line.replace(/127\.0\.0\.1 \d+/, `127.0.0.1 ${port}`) : ''));
}
