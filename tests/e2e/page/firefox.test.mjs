// Firefox and Chromium in one meeting: each is seen and heard by the other.
import { test } from 'node:test';
import { startFirefox } from '../harness/firefox.mjs';
import { useRig } from '../harness/rig.mjs';
import { Person, colours, fakeDevices, keepWhatIsSaid, open, seeAndHearEachOther } from './people.mjs';

const rig = useRig();

async function openInFirefox(firefox, { name }) {
  const page = await firefox.page();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.evaluateOnNewDocument(fakeDevices, { colour: colours[name] });
  await page.evaluateOnNewDocument(keepWhatIsSaid);
  await page.goto(rig.server.url + '/demo');
  await page.waitForSelector('h1');
  page.fill = (selector, text) => page.type(selector, text);
  return new Person(page, page, name, errors);
}

test('somebody with Firefox sees and hears, and is seen and heard', rig.test(async (context) => {
  const firefox = await startFirefox(rig.server.url);
  context.after(() => firefox.stop());
  const anna = await openInFirefox(firefox, { name: 'anna' });
  const bo = await open(rig, { name: 'bo', hertz: 900 });
  for (const person of [anna, bo]) {
    await person.join();
    await person.inside();
  }
  await seeAndHearEachOther(anna, bo);
  await anna.close();
  await bo.close();
}));
