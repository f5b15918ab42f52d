// What a policy says of codecs holds for what a browser agrees on: two organisations, the same offer, another picture.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, publish } from '../harness/browser.mjs';
import { useRig } from '../harness/rig.mjs';
import { until } from '../harness/until.mjs';

const organisation = (name, codecs) => ({
  'organisation.toml': `name = "${name}"\ndomains = ["${name}.example"]\n[rooms_on_demand]\nenabled = true\nmax = 50\n`,
  'policy.lua': `function hooks.media(person) return { codecs = { ${codecs} } } end\n`,
});
const organisations = {
  north: organisation('north', '"opus", "h264"'),
  south: organisation('south', '"opus", "vp8"'),
  silent: organisation('silent', '"vp8"'),
};
const rig = useRig({ server: { organisations } });

for (const [name, wanted] of [['north', 'H264'], ['south', 'VP8']]) {
  test(`in ${name} a picture is ${wanted}, in the answer and on the line`, rig.test(async () => {
    const alias = `ward@${name}.example`;
    const sender = await publish(rig.browser, rig.server, alias, { media: { codec: ['vp8', 'h264'] } });
    const viewer = await play(rig.browser, rig.server, alias);
    assert.deepEqual([...sender.offer.matchAll(/^a=rtpmap:[0-9]+ (VP8|H264)/gm)].map(([, codec]) => codec).includes(wanted), true);
    for (const { answer } of [sender, viewer]) {
      const named = [...answer.matchAll(/^a=rtpmap:[0-9]+ ([A-Za-z0-9]+)/gm)].map(([, codec]) => codec);
      assert.deepEqual([...new Set(named)].sort(), [wanted, 'opus', 'rtx'].sort());
    }
    const stats = await until(async () => {
      const s = await viewer.stats();
      return s.video?.frames >= 10 && s.audio?.energy > 0.001 && s;
    }, { what: 'picture and sound', timeout: 30000 });
    assert.match(stats.codec, new RegExp(wanted, 'i'));
    await viewer.leave();
    await sender.leave();
  }));
}

test('a policy without a codec for sound is a mistake, and the default counts', rig.test(async () => {
  const viewer = await play(rig.browser, rig.server, 'ward@silent.example');
  assert.match(viewer.answer, /^a=rtpmap:[0-9]+ opus/m);
  assert.ok(await rig.server.metric('viadux_policy_failures_total', 'kind="error"') >= 1);
  await viewer.leave();
}));
