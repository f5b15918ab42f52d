// Room systems dial a room: Debian's baresip is heard by an unmodified client in Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openClient, startApp } from '../client/app/app.mjs';
import { freePorts, missing, startBaresip } from '../harness/baresip.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';

const organisation = `name = "Tests"
[[room]]
alias = "ward"
name = "Ward"
host_pin = "1234"
guests_without_pin = true
[[room]]
alias = "guarded"
host_pin = "1234"
guest_pin = "2468"
`;
const port = await freePorts(1);
// Voices as they are: their level is measured.
const rig = useRig({ server: { organisation, config: { sip: { port, address: '127.0.0.1' }, mixer: { even_voices: false } } } });
let app;
before(async () => { app = await startApp(); });
after(() => app?.stop());

const calls = () => rig.server.metric('viadux_sip_calls');

// One call of a unit, until it is heard and has hung up.
async function meets(options, codec) {
  const anna = await openClient(rig.browser, app, rig.server, 'ward');
  const unit = await startBaresip({ hertz: 1700, ...options });
  try {
    assert.equal((await anna.join({ displayName: 'Anna', pin: '1234', colour: 'red', hertz: 600 })).status, 200);
    await anna.settled();
    unit.dial(`sip:ward@127.0.0.1:${port};transport=${options.transport ?? 'udp'}`);
    await unit.says(/Call established/);
    assert.match(unit.output, codec);
    await anna.hears(1700);
  } finally {
    await unit.stop(); // it says BYE
  }
  await until(async () => (await calls()) === 0, { what: 'the call to have ended' });
}

test('G.722 and H.264 over UDP', { skip: missing, timeout: 180000 }, rig.test(() => meets({ audio: 'G722' }, /m=audio \d+ RTP\/AVP 9/)));

test('Opus with keys (SDES) over TCP', { skip: missing, timeout: 180000 },
  rig.test(() => meets({ transport: 'tcp', audio: 'opus/48000/2', account: ';mediaenc=srtp-mand' }, /RTP\/SAVP/)));

test('a telephone (PCMU, no picture) with the PIN behind the number', { skip: missing, timeout: 120000 }, rig.test(async () => {
  const unit = await startBaresip({ audio: 'PCMU', video: null });
  try {
    unit.dial(`sip:guarded@127.0.0.1:${port}`);
    await unit.says(/403 Forbidden/);
    unit.dial(`sip:guarded.2468@127.0.0.1:${port}`);
    await unit.says(/Call established/);
    assert.equal(await calls(), 1);
  } finally {
    await unit.stop(); // it says BYE
  }
  await until(async () => (await calls()) === 0, { what: 'the call to have ended' });
}));
