// Lets a real Chromium judge our answers: each offer it makes is answered by sdp_answer, and setRemoteDescription has to
// take it. Run by hand from the tree's top folder, with playwright-core somewhere node finds it:
//   NODE_PATH=... node tests/unit/sdp/chromium/check_answers.mjs
import {execFileSync} from 'node:child_process';
import {createRequire} from 'node:module';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const {chromium} = createRequire(import.meta.url)(process.env.PLAYWRIGHT ?? 'playwright-core');
const folder = mkdtempSync(join(tmpdir(), 'sdp_answer-'));
const program = join(folder, 'sdp_answer');
execFileSync('sh', ['-c', `clang++-16 -std=c++20 -I. -Icore/include tests/unit/sdp/chromium/sdp_answer.cpp core/sdp/*.cpp -o ${program}`]);

const cases = [
  {name: 'sendrecv', directions: ['sendrecv', 'sendrecv'], codec: 'video/VP8', encodings: 1},
  {name: 'sendrecv', options: ['h264'], directions: ['sendrecv', 'sendrecv'], codec: 'video/H264', encodings: 1},
  {name: 'sendrecv', options: ['active'], directions: ['sendrecv', 'sendrecv'], codec: 'video/VP8', encodings: 1},
  {name: 'sendrecv', options: ['refuse-first'], directions: ['inactive', 'sendrecv'], codec: 'video/VP8', encodings: 1},
  {name: 'simulcast', directions: ['sendonly', 'sendonly'], codec: 'video/VP8', encodings: 3},
  {name: 'simulcast', options: ['h264'], directions: ['sendonly', 'sendonly'], codec: 'video/H264', encodings: 3},
  {name: 'recvonly', directions: Array(6).fill('recvonly')},
  {name: 'datachannel', directions: ['sendrecv', 'sendrecv', 'inactive']},
  {name: 'max-compat', directions: ['sendrecv', 'sendrecv'], codec: 'video/VP8', encodings: 1},
];

async function exchange({name, options}) {
  const canvas = Object.assign(document.createElement('canvas'), {width: 320, height: 180});
  canvas.getContext('2d').fillRect(0, 0, 9, 9);
  const video = canvas.captureStream(5).getVideoTracks()[0];
  const audio = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  const stream = new MediaStream([audio, video]);
  const pc = new RTCPeerConnection({bundlePolicy: name === 'max-compat' ? 'max-compat' : 'max-bundle'});
  if (name === 'simulcast') {
    pc.addTransceiver(audio, {direction: 'sendonly', streams: [stream]});
    const sendEncodings = ['q', 'h', 'f'].map((rid, i) => ({rid, scaleResolutionDownBy: 4 >> i}));
    pc.addTransceiver(video, {direction: 'sendonly', streams: [stream], sendEncodings});
  } else if (name === 'recvonly') {
    for (const kind of ['audio', 'audio', 'video', 'video', 'video', 'video']) pc.addTransceiver(kind, {direction: 'recvonly'});
  } else {
    pc.addTrack(audio, stream);
    pc.addTrack(video, stream);
    if (name === 'datachannel') {
      pc.addTransceiver('video', {direction: 'inactive'});
      pc.createDataChannel('x');
    }
  }
  await pc.setLocalDescription();
  const sdp = await answer(pc.localDescription.sdp, options ?? []);
  await pc.setRemoteDescription({type: 'answer', sdp});
  const sender = pc.getTransceivers()[1].sender.getParameters();
  const result = {
    directions: pc.getTransceivers().map(t => t.currentDirection),
    codecs: sender.codecs.map(c => c.mimeType),
    encodings: sender.encodings.length,
    state: pc.signalingState,
  };
  pc.close();
  return result;
}

const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required']});
let failures = 0;
try {
  const page = await browser.newPage();
  await page.exposeFunction('answer', (offer, options) => execFileSync(program, options, {input: offer, encoding: 'utf8'}));
  for (const one of cases) {
    const label = [one.name, ...(one.options ?? [])].join(' ');
    try {
      const result = await page.evaluate(exchange, one);
      const wrong = [];
      if (result.state !== 'stable') wrong.push(`state ${result.state}`);
      const seen = result.directions.join();
      if (seen !== one.directions.join()) wrong.push(`directions ${seen}`);
      if (one.codec && result.codecs[0] !== one.codec) wrong.push(`codecs ${result.codecs}`);
      if (one.encodings && result.encodings !== one.encodings) wrong.push(`encodings ${result.encodings}`);
      if (wrong.length) failures++;
      console.log(wrong.length ? `FAILED ${label}: ${wrong.join('; ')}` : `ok     ${label}`);
    } catch (error) {
      failures++;
      console.log(`FAILED ${label}: ${error.message.split('\n')[0]}`);
    }
  }
} finally {
  await browser.close();
  rmSync(folder, {recursive: true});
}
process.exit(failures ? 1 : 0);
