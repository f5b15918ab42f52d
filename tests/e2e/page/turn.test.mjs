// Networks that let nothing through but the organisation's relay: the page gets in by a real coturn, told to or by itself.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, test } from 'node:test';
import { missing, startCoturn } from '../harness/coturn.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { openTwo } from './people.mjs';
import { leadMedia } from './way.mjs';

const secret = 'a-secret-of-the-test';
const relayed = 60;
const coturn = missing ? { port: 9 } : await startCoturn(secret, { relayed });
process.env.VIADUX_TEST_TURN = secret;
const turn = (name, transport) => `[[turn]]
name = "${name}"
urls = ["turn:127.0.0.1:${coturn.port}?transport=${transport}"]
secret = "env:VIADUX_TEST_TURN"
`;
const rig = useRig({
  server: {
    config: { organisations: { default: 'hospital' } },
    organisations: {
      hospital: {
        'organisation.toml': `name = "Hospital"\n[rooms_on_demand]\nenabled = true\n${turn('udp', 'udp')}${turn('tcp', 'tcp')}`,
        'policy.lua': `function hooks.media(person)
  if person.room == "told" then return { turn = { "udp" }, relay_only = true } end
  return { turn = { "tcp" } }
end
`,
      },
    },
  },
});
after(async () => { if (!missing) await coturn.stop({ failed: rig.failed }); });

// How the pair in use gets there: what the relay is spoken to by, or the kind of candidate. (One that comes by the relay is
// of the kind prflx where a firewall has changed its address.)
const way = (person) => until(() => person.page.evaluate(async () => {
  const all = await globalThis.viadux.meeting.connection.call.pc.getStats();
  const transport = [...all.values()].find(({ type }) => type === 'transport');
  const local = all.get(all.get(transport?.selectedCandidatePairId)?.localCandidateId);
  return local && `${local.relayProtocol ? 'relay by ' : ''}${local.relayProtocol ?? local.candidateType}`;
}), { what: `${person.name} to have a way` });

// A firewall before the server's `port`: whoever is not the relay is not heard.
async function onlyRelay(port) {
  const front = createSocket('udp4').unref();
  const behind = new Map(); // by the relay's port
  const firewall = { refused: 0, stop: () => [front, ...behind.values()].forEach((socket) => socket.close()) };
  front.on('message', (packet, from) => {
    if (from.port <= coturn.port || from.port > coturn.port + relayed) return firewall.refused++;
    let socket = behind.get(from.port);
    if (!socket) {
      behind.set(from.port, (socket = createSocket('udp4').unref()));
      socket.on('message', (back) => front.send(back, from.port, '127.0.0.1'));
    }
    return socket.send(packet, port, '127.0.0.1');
  });
  await new Promise((done) => front.bind(0, '127.0.0.1', done));
  firewall.port = front.address().port;
  return firewall;
}

async function meet([anna, bo]) {
  await anna.sees('bo');
  await bo.sees('anna');
  await anna.hears();
  await bo.hears();
}

test('where the policy lets nobody come directly, both meet by the relay', { skip: missing }, rig.test(async () => {
  const both = await openTwo(rig, { path: '/told' });
  await meet(both);
  for (const person of both) assert.equal(await way(person), 'relay by udp');
  for (const person of both) await person.close();
}));

test('where a firewall lets only TCP to the relay through, the page finds the way by itself', { skip: missing }, rig.test(async () => {
  let network;
  const both = await openTwo(rig, { path: '/firewall', before: async (person) => { network = await leadMedia(person, onlyRelay); } });
  const [anna, bo] = both;
  await meet(both);
  assert.equal(await way(bo), 'relay by tcp');
  assert.ok(network.made.refused > 0, 'it was tried directly, too');
  assert.doesNotMatch(await way(anna), /relay/, 'who can come directly does');
  for (const person of both) await person.close();
  network.stop();
}));
