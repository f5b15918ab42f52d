// Room systems dial a room: Debian's baresip and an unmodified client in Chromium hear and see each other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openClient, startApp, yellow } from '../client/app/app.mjs';
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
const isRed = ([red, green, blue]) => red > 180 && green < 80 && blue < 80;

// One call of a unit: both hear each other's tone, and see each other's colour where there is a picture.
async function meets(options, { codec, picture = true }) {
  const anna = await openClient(rig.browser, app, rig.server, 'ward');
  const unit = await startBaresip({ hertz: 1700, rgb: [255, 255, 0], ...options });
  try {
    assert.equal((await anna.join({ displayName: 'Anna', pin: '1234', colour: 'red', hertz: 600 })).status, 200);
    await anna.settled();
    unit.dial(`sip:ward@127.0.0.1:${port};transport=${options.transport ?? 'udp'}`);
    await unit.says(/Call established/);
    if (codec) assert.match(unit.output, codec);
    await anna.hears(1700);
    await until(() => unit.hears(600) > -35 && unit.hears(1700) < -50, { what: 'the unit to hear Anna and not itself', timeout: 30000 });
    if (picture) {
      await anna.sees(yellow);
      const seen = await until(async () => { const now = await unit.sees(); if (isRed(now.rgb)) return now; throw new Error(JSON.stringify(now)); },
        { what: 'the unit to see Anna', timeout: 40000 });
      assert.ok(seen.width >= 320, JSON.stringify(seen));
    }
    const person = (await anna.people()).find((each) => each.displayName !== 'Anna');
    assert.equal(person.protocol, 'sip');
    return { anna, unit, person };
  } catch (error) {
    console.error(`--- baresip\n${unit.output.slice(0, 9000)}\n---`);
    await unit.stop();
    throw error;
  }
}

test('G.722 and H.264 over UDP; the unit hangs up', { skip: missing, timeout: 180000 }, rig.test(async () => {
  const { anna, unit } = await meets({ audio: 'G722', video: undefined }, { codec: /m=audio \d+ RTP\/AVP 9/ });
  unit.hangUp();
  await until(async () => (await calls()) === 0 && (await anna.people()).length === 1, { what: 'the unit to be gone' });
  await unit.stop();
  await anna.leave();
  await anna.close();
}));

test('Opus with keys (SDES) over TCP; a host removes the unit', { skip: missing, timeout: 180000 }, rig.test(async () => {
  const { anna, unit, person } = await meets({ transport: 'tcp', audio: 'opus/48000/2', account: ';mediaenc=srtp-mand' }, { codec: /RTP\/SAVP/ });
  await anna.call('kick', { participantUuid: person.uuid });
  await unit.says(/Reason: ?Q\.850.*A host has ended the connection/s);
  await until(async () => (await calls()) === 0, { what: 'the call to have ended' });
  await unit.stop();
  await anna.leave();
  await anna.close();
}));

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
