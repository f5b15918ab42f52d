// The page that a citizen gets: a link is opened, a name given, and the meeting is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { openTwo, seeAndHearEachOther } from './people.mjs';

const rig = useRig();

test('two people join by a link, see and hear each other, and one leaves', rig.test(async () => {
  const [anna, bo] = await openTwo(rig);
  await seeAndHearEachOther(anna, bo);

  await bo.click('#leave');
  assert.match(await bo.text('h1'), /left the meeting/);
  await anna.hasSaid(/bo has left/);
  await until(async () => (await anna.tiles()).length === 1, { what: 'anna to be alone' });
  await anna.close();
  await bo.close();
  await until(async () => (await rig.server.metric('viadux_client_participants')) === 0, { what: 'nobody to be left', timeout: 5000 });
}));

// A hospital's network that lets nothing but TCP through: the server's candidates for UDP never reach the page.
test('who may only use TCP gets through', rig.test(async () => {
  const onlyTcp = (person) => person.page.route(/\/calls$/, async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    answer.result.sdp = answer.result.sdp.replace(/^a=candidate:\S+ 1 udp .*\r?\n/gim, '');
    return route.fulfill({ response, json: answer });
  });
  const [anna, bo] = await openTwo(rig, { path: '/tcp', before: onlyTcp });
  await bo.sees('anna');
  await anna.sees('bo');
  await bo.hears();
  await anna.hears();
  const used = await bo.page.evaluate(async () => {
    const all = [...(await globalThis.viadux.meeting.connection.call.pc.getStats()).values()];
    const pair = all.find((entry) => entry.type === 'candidate-pair' && entry.nominated);
    return all.find((entry) => entry.id === pair.localCandidateId).protocol;
  });
  assert.equal(used, 'tcp');
  await bo.close();
  await anna.close();
}));
