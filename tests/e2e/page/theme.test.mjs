// An organisation's look and a module of its own, in a browser: colours, logo, words, terms, the way back, a button.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';
import { giveTheme, organisation } from './states.mjs';

const rig = useRig({ server: { organisation } });
const colour = (page, selector, property) => page.$eval(selector, (each, name) => getComputedStyle(each)[name], property);

// A change of the files counts within five seconds.
const changed = (as) => until(async () => as(await (await rig.server.get('/branding/demo/theme.json')).json()), { what: 'the changed theme' });

test('a theme is shown, its terms are asked for, and its address is the way back', rig.test(async () => {
  const folder = giveTheme(rig.server, {
    name: 'Region Nord', logo: 'logo.svg', home_url: 'https://region.example/home', help_url: 'javascript:alert(1)',
    colours: { accent: '#7a1fa2', accent_dark: '#e0a0ff' }, welcome: 'Welcome to Region Nord',
    texts: { en: { 'join.title': 'Come to training' }, da: { 'join.title': 'Kom til træning' } },
  });
  writeFileSync(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10"><rect width="30" height="10" fill="#7a1fa2"/></svg>');
  const bo = await open(rig, { name: 'bo', hertz: 600 });
  const { page } = bo;
  assert.equal(await bo.text('h1'), 'Come to training');
  assert.match(await page.title(), /Region Nord/);
  assert.match(await bo.text('form.card'), /Welcome to Region Nord/);
  await until(() => page.$eval('.brand img', (logo) => logo.clientWidth > 60 && logo.alt === 'Region Nord'), { what: 'the logo to be there' });
  assert.equal(await page.getAttribute('.brand', 'href'), 'https://region.example/home');
  assert.deepEqual(await page.$$eval('.foot a', (all) => all.map((link) => link.href)), ['https://was.example/statement', 'https://region.example/privacy'], 'a link leads to a web page or is not there');
  assert.equal(await colour(page, '#join', 'backgroundColor'), 'rgb(122, 31, 162)');
  assert.equal(await colour(page, '#join', 'color'), 'rgb(255, 255, 255)', 'what can be read on it');
  await page.emulateMedia({ colorScheme: 'dark' });
  await until(async () => (await colour(page, '#join', 'backgroundColor')) === 'rgb(224, 160, 255)', { what: 'the colour for dark' });
  await page.click('#language-da');
  await until(async () => (await bo.text('h1')) === 'Kom til træning', { what: 'the Danish words' });
  await page.click('#language-en');

  assert.equal(await page.getAttribute('a[href*=terms]', 'href'), 'https://region.example/terms');
  await page.fill('#name', 'bo');
  await page.keyboard.press('Enter');
  assert.match(await bo.text('#terms-missing'), /tick the box/, 'not before the terms are accepted');
  assert.equal(await page.evaluate(() => globalThis.viadux.meeting), null);
  await page.check('#terms');
  await page.waitForSelector('#terms-missing', { state: 'detached' });
  await page.click('#join');
  await bo.inside();
  await bo.click('#leave');
  await page.waitForSelector('#return');
  assert.equal(await page.getAttribute('#return', 'href'), 'https://region.example/');
  assert.match(await bo.text('#return'), /Region Nord/);
  await bo.close();
}));

test('a module adds a button and a panel, asks the server, and one that is broken harms nobody', rig.test(async () => {
  const folder = giveTheme(rig.server, { terms_url: '', modules: ['broken.mjs', 'house.mjs'] });
  writeFileSync(join(folder, 'modules/broken.mjs'), 'export default function module() { throw new Error("its author was tired"); }');
  writeFileSync(join(folder, 'modules/house.mjs'), `export default function module(page) {
    page.addButton({ place: 'controls', icon: 'phone', label: () => (page.state().language === 'da' ? 'Tolk' : 'Interpreter'),
      async run() {
        await page.request('/message', { type: 'text/plain', payload: 'An interpreter is asked for' });
        page.toast('An interpreter is on the way to ' + page.state().people.length);
      } });
    page.addPanel({ name: 'house', label: () => 'House rules', show(place) { place.textContent = 'Be kind.'; return () => { globalThis.left = true; }; } });
  }`);
  await changed((theme) => theme.modules?.length === 2);
  const anna = await open(rig, { name: 'anna', hertz: 500 });
  const bo = await open(rig, { name: 'bo', hertz: 600 });
  for (const person of [anna, bo]) {
    await person.join();
    await person.inside();
  }
  await until(() => bo.page.evaluate(() => globalThis.viadux.store.state.people.size === 2), { what: 'bo to know of anna' });
  await bo.page.click('.controls .button:has-text("Interpreter")');
  await anna.hasSaid(/Message from bo: An interpreter is asked for/);
  assert.match(await bo.text('.toast'), /on the way to 2/);
  await bo.click('#more');
  await bo.page.click('.panel.more .item:has-text("House rules")');
  await bo.page.waitForSelector('.panel.own');
  assert.match(await bo.text('.panel.own'), /House rules[\s\S]*Be kind\./);
  await bo.page.keyboard.press('Escape');
  await bo.page.waitForSelector('.panel.own', { state: 'detached' });
  assert.equal(await bo.page.evaluate(() => globalThis.left), true, 'told that its panel is closed');
  await anna.close();
  await bo.close();
}));

test('a theme.json that cannot be read is said so with its place, and the page goes on', rig.test(async () => {
  const folder = giveTheme(rig.server);
  writeFileSync(join(folder, 'theme.json'), '{\n  "name": "Region Nord",\n  "logo" "logo.svg"\n}\n');
  await changed((theme) => !theme.logo && !theme.return_url);
  const { page, ...bo } = await open(rig, { name: 'bo' });
  assert.match(await page.textContent('h1'), /Ready to join/);
  assert.match(await page.title(), /Region Nord/, 'by the name of the organisation');
  const faults = rig.server.log().split('\n').filter((line) => line.includes('theme_fault'));
  assert.match(faults.at(-1) ?? '', /organisations\/tests\/theme\/theme\.json.*line 3, column/);
  assert.equal(faults.filter((line) => line.includes('line 3')).length, 1, 'once');
  await bo.context.close();
}));
