// Many participants in one room by the client API, without media: how long a join takes, and whether roster and chat reach
// everybody. As a program against a running server: node client/load.mjs http://127.0.0.1:8080 demo 100
import { fileURLToPath } from 'node:url';
import { until } from '../harness/until.mjs';
import { Api } from './api.mjs';

export async function load(server, alias, count, atATime = 8) {
  const people = [];
  const times = [];
  const began = performance.now();
  let next = 0;
  const joiner = async () => {
    while (next < count) {
      const number = next++;
      const person = new Api(server, alias);
      const start = performance.now();
      const answer = await person.join({ display_name: `Person ${number}` });
      if (answer.code !== 200) throw new Error(`join ${number}: ${answer.code} ${JSON.stringify(answer.result)}`);
      person.stream = await person.events();
      await until(() => person.stream.of('participant_sync_end').length, { what: 'the first state', every: 2 });
      times.push(performance.now() - start);
      people.push(person);
    }
  };
  await Promise.all(Array.from({ length: atATime }, joiner));
  const seconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const part = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];

  const roster = (person) => {
    const there = new Set();
    for (const { event, data } of person.stream.seen) {
      if (event === 'participant_sync_begin') there.clear();
      if (event === 'participant_create') there.add(data.uuid);
      if (event === 'participant_delete') there.delete(data.uuid);
    }
    return there.size;
  };
  await until(() => people.every((p) => roster(p) === count), { what: 'everybody to know everybody', timeout: 30000 });
  const spoke = performance.now();
  await people[0].post('message', { type: 'text/plain', payload: 'hej alle' });
  await until(() => people.slice(1).every((p) => p.stream.of('message_received').length === 1), { what: 'everybody to read it', timeout: 30000, every: 5 });
  const report = {
    participants: count, joins_per_second: +(count / seconds).toFixed(1), join_ms: { p50: +part(0.5).toFixed(1), p99: +part(0.99).toFixed(1) },
    chat_to_all_ms: +(performance.now() - spoke).toFixed(1),
  };
  return { people, report, leave: () => Promise.all(people.map((p) => { p.stream.close(); return p.post('release_token'); })) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, alias, count] = process.argv.slice(2);
  const { report, leave } = await load({ get: (path, init) => fetch(url + path, init) }, alias, Number(count ?? 100));
  console.log(JSON.stringify(report));
  await leave();
}
