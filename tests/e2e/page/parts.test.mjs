// The page's parts that need no browser: layouts, the judge of the line, the two languages, what is vendored.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { arrange, grid } from '../../../plugins/client/web/layout.mjs';
import { LineJudge } from '../../../plugins/client/web/line.mjs';

const web = new URL('../../../plugins/client/web/', import.meta.url);
const read = (name) => readFileSync(new URL(name, web), 'utf8');
const desktop = { x: 0, y: 0, width: 1264, height: 660 };
const phone = { x: 0, y: 0, width: 382, height: 690 };
const overlap = (a, b) => a.x < b.x + b.width - 0.5 && b.x < a.x + a.width - 0.5 && a.y < b.y + b.height - 0.5 && b.y < a.y + a.height - 0.5;

test('no layout lets pictures overlap or leave the page, from 1 to 26 people', () => {
  for (const area of [desktop, phone, { x: 0, y: 0, width: 640, height: 280 }])
    for (const mode of ['speaker', 'tiles', 'training'])
      for (const slides of ['', 'slides'])
        for (let count = 1; count <= 26; count++) {
          const people = Array.from({ length: count }, (_, i) => `p${i}`);
          const boxes = [...arrange({ mode, people, me: people[count - 1], slides, large: 'p0', area })];
          const said = `${mode} ${slides} ${count} in ${area.width}x${area.height}`;
          for (const [id, box] of boxes) {
            assert.ok(box.width > 20 && box.height > 20, `${said}: ${id} can be seen`);
            assert.ok(box.x >= -0.5 && box.y >= -0.5 && box.x + box.width <= area.width + 0.5 && box.y + box.height <= area.height + 0.5, `${said}: ${id} is inside`);
          }
          for (const [id, box] of boxes) for (const [other, second] of boxes)
            if (id < other && !box.float && !second.float) assert.ok(!overlap(box, second), `${said}: ${id} and ${other}`);
          if (mode !== 'speaker' && !slides) assert.equal(boxes.length, count, `${said}: nobody is left out`);
        }
});

test('in team training the trainer is the largest, and all others are as large as one another', () => {
  const people = ['trainer', 'a', 'b', 'c', 'd', 'me'];
  const boxes = arrange({ mode: 'training', people, me: 'me', slides: '', large: 'trainer', area: desktop });
  const others = people.slice(1).map((id) => boxes.get(id).width);
  assert.ok(boxes.get('trainer').width > 2 * others[0]);
  assert.ok(others.every((width) => Math.abs(width - others[0]) < 1));
});

test('a grid wastes little of the page', () => {
  for (const count of [1, 2, 3, 4, 6, 9, 12, 16]) {
    const boxes = grid(count, desktop);
    const share = (count * boxes[0].width * boxes[0].height) / (desktop.width * desktop.height);
    assert.ok(share > 0.45, `${count} people use ${(share * 100).toFixed()} %`);
  }
});

test('the own picture rests on a bad line, and comes back when it is better', () => {
  const judge = new LineJudge();
  const good = { available: 900000, lost: 0 };
  const bad = { available: 60000, lost: 0.05 };
  for (let i = 0; i < 30; i++) assert.equal(judge.second(good), false);
  assert.deepEqual([1, 2, 3, 4].map(() => judge.second(bad)), [false, false, false, true], 'after four seconds, not at once');
  for (let i = 0; i < 60; i++) assert.equal(judge.second(bad), true);
  assert.equal(judge.second(good), false, 'back, as it has rested long enough');
  assert.equal(new LineJudge().second({ available: 0, lost: 0 }), false, 'an estimate that is not known is no bad line');
  const lossy = new LineJudge();
  let rests = false;
  for (let i = 0; i < 5; i++) rests = lossy.second({ available: 900000, lost: 0.3 });
  assert.equal(rests, true, 'a third lost is a bad line, whatever the estimate');
});

test('both languages have the same keys, the same values to fill in, and every text that the page asks for', () => {
  const [da, en] = ['da', 'en'].map((code) => JSON.parse(read(`texts/${code}.json`)));
  assert.deepEqual(Object.keys(da).sort(), Object.keys(en).sort());
  for (const key of Object.keys(da)) {
    assert.ok(da[key] && en[key], key);
    const holes = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    assert.deepEqual(holes(da[key]), holes(en[key]), key);
  }
  for (const file of readdirSync(web).filter((name) => name.endsWith('.mjs')))
    for (const [, key] of read(file).matchAll(/\bt\('([\w.]+)'/g)) assert.ok(key in en, `${file} asks for ${key}`);
});

test('what is vendored is what was published', () => {
  const [wanted, name] = read('vendor/sha256sums').trim().split(/\s+/);
  assert.equal(createHash('sha256').update(readFileSync(new URL(`vendor/${name}`, web))).digest('hex'), wanted);
});

test('the page loads every file of its own before it needs it, and nothing from elsewhere', () => {
  const index = read('index.html');
  const preloaded = [...index.matchAll(/modulepreload" href="\/page\/([^"]+)"/g)].map(([, file]) => file);
  const modules = [...readdirSync(web).filter((name) => name.endsWith('.mjs') && name !== 'app.mjs'), 'vendor/preact.mjs'];
  assert.deepEqual(preloaded.sort(), modules.sort());
  for (const file of ['index.html', 'page.css', ...modules, 'app.mjs'])
    for (const [address] of read(file).matchAll(/(?:src|href|url|from|import)\W{1,3}https?:\/\/[^\s'"]+/g)) assert.fail(`${file}: ${address}`);
});
