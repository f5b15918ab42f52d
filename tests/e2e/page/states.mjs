// Every page and state of the web page, one after the other: `visit(person, name)` looks at each. Real meetings, as people
// would come to them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../harness/until.mjs';
import { open } from './people.mjs';

export const organisation = `name = "Region Nord"
[rooms_on_demand]
enabled = true
[[room]]
alias = "test"
name = "Training at home, group 4"
host_pin = "1234"
[[room]]
alias = "clinic"
name = "Clinic"
host_pin = "4321"
wait_for_host = true
[[room]]
alias = "watch"
name = "Ward 3"
host_pin = "4321"
one_way = true
`;

const logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 140 40"><circle cx="20" cy="20" r="16" fill="#7a1fa2"/><path d="M44 20h90" stroke="#7a1fa2" stroke-width="10"/></svg>';

// A small theme, as an organisation would have it.
export function giveTheme(server, theme = {}) {
  const folder = join(server.folder, 'organisations/tests/theme');
  mkdirSync(join(folder, 'modules'), { recursive: true });
  writeFileSync(join(folder, 'theme.json'), JSON.stringify({
    name: 'Region Nord', return_url: 'https://region.example/', terms_url: 'https://region.example/terms',
    accessibility_url: 'https://was.example/statement', privacy_url: 'https://region.example/privacy', ...theme,
  }));
  return folder;
}

const meet = async (rig, path, name, hertz, how = {}, more = {}) => {
  const person = await open(rig, { path, name, hertz, ...more });
  await person.page.waitForTimeout(50);
  if (await person.page.$('#terms')) await person.page.check('#terms');
  await person.join(how);
  return person;
};

// Before and beside a meeting.
export async function visitPages(rig, visit) {
  giveTheme(rig.server, { terms_url: '' });
  const alone = await open(rig, { path: '/', name: 'anna' });
  await visit(alone, 'start');
  await alone.page.goto(`${rig.server.url}/demo`);
  await alone.page.waitForSelector('.preview video');
  await visit(alone, 'join');
  await alone.page.click('#join');
  await alone.page.waitForSelector('#name-missing');
  await visit(alone, 'join-no-name');
  await alone.page.click('[aria-controls=devices]');
  await visit(alone, 'join-devices');
  await alone.page.goto(`${rig.server.url}/no%20such%20room`);
  await alone.join();
  await alone.page.waitForSelector('.problem');
  await visit(alone, 'join-unknown');
  // The other refusals and ends, of which refused.test.mjs and others show that they come: how they look.
  const show = (change) => alone.page.evaluate((state) => globalThis.viadux.store.set(state), change);
  for (const problem of ['full', 'busy', 'maintenance', 'locked', 'guests', 'other', 'network', 'browser']) {
    await show({ phase: 'join', problem: `refused.${problem}` });
    await visit(alone, `join-${problem}`);
  }
  await show({ phase: 'pin', guestsWithoutPin: false, problem: 'refused.pinSlowed' });
  await visit(alone, 'pin-slowed');
  for (const permission of ['missing', 'busy', 'partly']) {
    await show({ phase: 'join', problem: '', permission });
    await visit(alone, `join-camera-${permission}`);
  }
  for (const reason of ['waitedTooLong', 'lost', 'failed', 'blocked', 'over']) {
    await show({ phase: 'ended', ended: { reason } });
    await visit(alone, `ended-${reason}`);
  }
  await alone.close();

  const theme = async () => (await rig.server.get('/branding/demo/theme.json')).json();
  giveTheme(rig.server, { logo: 'logo.svg', welcome: 'Velkommen til Region Nord', colours: { accent: '#7a1fa2', accent_dark: '#e0a0ff' } });
  writeFileSync(join(rig.server.folder, 'organisations/tests/theme/logo.svg'), logo);
  await until(async () => (await theme()).logo, { what: 'the theme' });
  const themed = await open(rig, { path: '/demo', name: 'anna' });
  await themed.page.waitForSelector('#terms');
  await visit(themed, 'join-theme-and-terms');
  await themed.page.fill('#name', 'Anna');
  await themed.page.click('#join');
  await themed.page.waitForSelector('#terms-missing');
  await visit(themed, 'join-terms-missing');
  await themed.close();
  giveTheme(rig.server, { terms_url: '' });
  await until(async () => !(await theme()).logo, { what: 'the plain theme' });

  const refused = await open(rig, { path: '/demo', name: 'bo', refuse: 'NotAllowedError' });
  await refused.page.waitForSelector('.notice');
  await visit(refused, 'join-refused');
  await refused.close();

  const guest = await meet(rig, '/test', 'carl', 700);
  await guest.page.waitForSelector('#pin');
  await visit(guest, 'pin');
  await guest.page.fill('#pin', '9999');
  await guest.page.click('#with-pin');
  await guest.page.waitForSelector('.problem');
  await visit(guest, 'pin-wrong');
  await guest.page.click('#guest');
  await guest.inside();
  await visit(guest, 'alone');
  await guest.close();

  const waits = await meet(rig, '/clinic', 'dora', 800, { guest: true });
  await waits.page.waitForSelector('.sign.waiting');
  await visit(waits, 'lobby');
  await waits.close();

  const ward = await meet(rig, '/watch', 'anna', 500, { pin: '4321' });
  const patient = await meet(rig, '/watch', 'bo', 700, { guest: true });
  await patient.inside();
  await patient.page.waitForSelector('.one-way');
  await visit(patient, 'one-way-guest');
  await patient.click('#leave');
  await patient.page.waitForSelector('.card.centre');
  await visit(patient, 'left');
  await patient.close();
  await ward.close();
}

// In a meeting of four.
export async function visitMeeting(rig, visit) {
  giveTheme(rig.server, { terms_url: '' });
  const guest = await meet(rig, '/test', 'carl', 700, { guest: true }, { viewport: { width: 640, height: 400 } });
  await guest.inside();
  const host = await meet(rig, '/test', 'anna', 500, { pin: '1234' });
  await host.inside();
  await host.sees('carl');
  await visit(host, 'two');
  await host.page.evaluate(() => { // as a recorder is told of
    const people = new Map(globalThis.viadux.store.state.people);
    people.set('recorder', { uuid: 'recorder', display_name: 'Recorder', is_streaming_conference: true, role: 'guest', service_type: 'conference', start_time: 1 });
    globalThis.viadux.store.set({ people });
  });
  await host.page.waitForSelector('.sign-recording');
  await visit(host, 'recorded');
  await host.page.evaluate(() => {
    const people = new Map(globalThis.viadux.store.state.people);
    people.delete('recorder');
    globalThis.viadux.store.set({ people });
  });
  const bo = await meet(rig, '/test', 'bo', 600, { guest: true }, { viewport: { width: 640, height: 400 } });
  await bo.inside();
  await host.sees('bo');
  await bo.click('#mic');
  await bo.click('#hand');
  await guest.click('#hand');
  await host.page.waitForTimeout(400);
  await visit(host, 'tiles');
  await host.click('#lock');
  const late = await meet(rig, '/test', 'else', 900, { guest: true });
  await late.page.waitForSelector('.sign.waiting');
  await host.page.waitForSelector('.toast [data-admit]');
  await visit(host, 'somebody-waits');
  await visit(late, 'lobby-locked');
  await host.click('#people');
  await host.page.waitForSelector('.queue');
  await visit(host, 'people');
  await host.page.click('.person .button.plain');
  await visit(host, 'people-menu');
  const interprets = async (language) => {
    await host.page.click('.menu .item:has-text("Interprets into")');
    await host.page.selectOption('#interpret', language);
    if (language) await visit(host, 'interpreter-question');
    await host.click('#confirm');
    await host.page.waitForSelector('#sound', { state: language ? 'visible' : 'detached' });
    if (language) await visit(host, 'sound-choice');
    await host.page.click('.person .button.plain');
  };
  await interprets('ar');
  await interprets('');
  await host.page.click('.menu .danger');
  await host.page.waitForSelector('.dialog');
  await visit(host, 'remove-question');
  await host.page.keyboard.press('Escape');
  await host.page.click('[data-admit]');
  await late.inside();
  await host.click('#people');
  await host.click('#chat');
  await host.page.waitForSelector('.panel.chat');
  await visit(host, 'chat-empty');
  await host.page.fill('#message', 'Velkommen! Vi begynder om to minutter. https://region.example/program');
  await host.page.click('#send');
  await guest.click('#chat');
  await guest.page.fill('#message', 'Tak, jeg er klar. Kan I høre mig?');
  await guest.page.click('#send');
  await until(async () => (await host.page.$$('.messages li')).length === 2, { what: 'two messages' });
  await visit(host, 'chat');
  await host.click('#chat');
  await late.click('#camera');
  for (const panel of ['layout', 'settings']) {
    await host.click('#more');
    if (panel === 'layout') await visit(host, 'more');
    await host.page.click(`.panel.more .item:has-text("${panel === 'layout' ? 'Layout' : 'Camera and sound'}")`);
    await host.page.waitForSelector(`.panel.${panel}`);
    await visit(host, panel);
    if (panel === 'layout') await host.page.click('.choice:nth-child(4)');
    await host.page.click(`.panel.${panel} .panel-head .button`);
  }
  await visit(host, 'training');
  await host.page.evaluate(() => globalThis.viadux.store.set({ layout: 'auto', panel: 'rooms' }));
  await host.page.waitForSelector('#open-rooms');
  await visit(host, 'rooms');
  await host.page.click('#open-rooms');
  await guest.page.waitForSelector('.room-sign');
  await until(async () => (await host.page.$$('[data-visit]')).length === 2, { what: 'two rooms' });
  await visit(host, 'rooms-open');
  await visit(guest, 'in-a-room');
  await host.page.click('#close-rooms');
  await guest.page.waitForSelector('.room-sign', { state: 'detached' });
  await host.page.evaluate(() => globalThis.viadux.store.set({ panel: '' }));
  await guest.page.evaluate(() => globalThis.viadux.store.set({ panel: '' }));
  await guest.click('#present');
  await host.page.waitForSelector('.tile.slides video', { timeout: 15000 });
  await until(async () => (await host.tiles()).some((tile) => tile.slides && tile.colour), { what: 'the slides to be seen', timeout: 15000 });
  await visit(host, 'presentation');
  await visit(guest, 'presenting');
  await guest.click('#present');
  await guest.context.setOffline(true);
  await guest.page.evaluate(() => globalThis.viadux.meeting.trouble('offline'));
  await visit(guest, 'reconnecting');
  await guest.context.setOffline(false);
  await late.page.evaluate(() => globalThis.viadux.store.set({ muted: true, hint: 'hint.muted' }));
  await visit(late, 'talking-while-muted');
  await late.page.evaluate(() => globalThis.viadux.store.set({ hint: 'hint.mutedByHost', silent: true, pictureDropped: true }));
  await visit(late, 'muted-by-host-and-poor-line');
  await host.click('#people');
  await host.page.evaluate(() => globalThis.viadux.store.set({ dialog: { kind: 'end' } }));
  await host.page.waitForSelector('.dialog');
  await visit(host, 'end-question');
  await host.page.evaluate((name) => {
    const { meeting, store } = globalThis.viadux;
    const person = [...store.state.people.values()].find((each) => each.display_name === name);
    return meeting.api.person('disconnect', undefined, person.uuid);
  }, 'bo');
  await bo.page.waitForSelector('.card.centre');
  await visit(bo, 'removed');
  await host.page.click('#confirm');
  await guest.page.waitForSelector('.card.centre');
  await visit(guest, 'ended-for-all');
  for (const person of [host, guest, late, bo]) await person.close();
}
