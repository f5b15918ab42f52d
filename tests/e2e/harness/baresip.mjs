// A real SIP unit: Debian's baresip with a folder of its own, a tone as its voice and one colour as its camera.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { until } from './until.mjs';

const program = '/usr/bin/baresip';
const modules = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules'].find(existsSync);
export const missing = (!existsSync(program) || !modules) && 'baresip is not installed';

const canBind = (port) => new Promise((done) => {
  const socket = createSocket('udp4').on('error', () => done(false)).bind(port, '127.0.0.1', () => socket.close(() => done(true)));
});
// Ports in a row that nobody has, below what the harness picks for media.
export async function freePorts(count) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 10000 + 2 * Math.floor(Math.random() * ((9900 - count) / 2));
    let free = true;
    for (let i = 0; i < count && free; i++) free = await canBind(base + i);
    if (free) return base;
  }
  throw new Error('no free ports');
}

// Ten seconds of one colour, at 10 frames a second: an uncompressed picture, as baresip's avformat reads it.
function camera(file, [red, green, blue], width = 320, height = 240) {
  const luma = Math.round(16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256);
  const cb = Math.round(128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256);
  const cr = Math.round(128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.alloc(width * height, luma),
    Buffer.alloc(width * height / 4, cb), Buffer.alloc(width * height / 4, cr)]);
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array(100).fill(frame)]));
}

// The middle of a PNG of 8-bit RGB without interlace, which is what baresip's snapshot writes.
function middleOf(png) {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = { 2: 3, 6: 4 }[png[25]];
  if (png[24] !== 8 || !channels) throw new Error(`a PNG of type ${png[24]}/${png[25]}`);
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const data = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  let above = Buffer.alloc(stride);
  for (let y = 0; y <= height / 2; y++) {
    const filter = data[y * (stride + 1)];
    const line = Buffer.from(data.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let x = 0; x < stride; x++) {
      const [a, b, c] = [line[x - channels] ?? 0, above[x], above[x - channels] ?? 0];
      const p = a + b - c;
      const paeth = Math.abs(p - a) <= Math.abs(p - b) && Math.abs(p - a) <= Math.abs(p - c) ? a : Math.abs(p - b) <= Math.abs(p - c) ? b : c;
      line[x] += [0, a, b, (a + b) >> 1, paeth][filter];
    }
    above = line;
  }
  const at = Math.floor(width / 2) * channels;
  return { width, height, rgb: [...above.subarray(at, at + 3)] };
}

// How strong `hertz` is in the last second of 16-bit sound, in dB of full scale (Goertzel).
function level(samples, rate, hertz) {
  const step = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let [one, two] = [0, 0];
  for (const sample of samples) [one, two] = [sample / 32768 + step * one - two, one];
  return 10 * Math.log10(Math.max(1e-12, one * one + two * two - step * one * two)) - 20 * Math.log10(samples.length / 2);
}

// `audio`, `video`: codecs as baresip names them, all where they are left out; `video: null` is a telephone.
export async function startBaresip({ hertz = 1000, rgb = [255, 255, 0], audio, video, account = '', transport = 'udp' } = {}) {
  const base = await freePorts(24);
  const folder = mkdtempSync(join(tmpdir(), 'viadux-baresip-'));
  const config = {
    sip_listen: `127.0.0.1:${base}`, net_interface: '127.0.0.1', rtp_ports: `${base + 4}-${base + 22}`,
    ctrl_tcp_listen: `127.0.0.1:${base + 3}`, module_path: modules,
    audio_source: `ausine,${hertz}`, audio_player: 'aubridge,nobody', audio_alert: 'aubridge,nobody', snd_path: folder,
    ausrc_srate: 48000, ausrc_channels: 2, // all that ausine does; what is played is written as it is decoded
    video_source: `avformat,${folder}/camera.y4m`, video_display: 'fakevideo,nil', video_size: '320x240', video_fps: 10,
    video_bitrate: 300000, avcodec_h264enc: 'libx264',
  };
  const names = ['opus', 'g722', 'g711', 'ausine', 'aubridge', 'sndfile', 'srtp', 'dtls_srtp'];
  if (video !== null) names.push('avcodec', 'avformat', 'fakevideo', 'vp8', 'snapshot');
  const text = Object.entries(config).map(([name, value]) => `${name} ${value}`);
  text.push(...names.map((name) => `module ${name}.so`), 'module_tmp uuid.so', 'module_tmp account.so', 'module_app menu.so', 'module_app ctrl_tcp.so');
  writeFileSync(join(folder, 'config'), `${text.join('\n')}\n`);
  const options = [`transport=${transport}`];
  writeFileSync(join(folder, 'accounts'), `<sip:unit@127.0.0.1;${options}>;regint=0;answermode=manual${audio ? `;audio_codecs=${audio}` : ''}`
    + `${video ? `;video_codecs=${video}` : ''}${account}\n`);
  writeFileSync(join(folder, 'contacts'), '');
  if (video !== null) camera(join(folder, 'camera.y4m'), rgb);

  const unit = { folder, output: '', at: `127.0.0.1:${base}` };
  const child = spawn(program, ['-f', folder, '-s', '-v'], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { unit.output = (unit.output + part.toString().replace(/\r?\[\d:\d\d:\d\d\] audio=[^\n\r]*/g, '')).slice(-200000); });
  let exited = false;
  const ended = new Promise((done) => { child.on('exit', () => { exited = true; done(); }); });
  const wire = await until(() => new Promise((done, failed) => {
    const socket = connect(base + 3, '127.0.0.1', () => done(socket)).on('error', failed);
  }), { what: 'baresip to listen', unless: () => exited && `it ended: ${unit.output.slice(-2000)}` });
  wire.on('error', () => {}).on('data', () => {});

  unit.command = (command, params = '') => {
    const message = JSON.stringify({ command, params });
    wire.write(`${Buffer.byteLength(message)}:${message},`);
  };
  unit.dial = (uri) => unit.command('dial', uri);
  unit.hangUp = () => unit.command('hangup');
  unit.says = (what, timeout = 20000) => until(() => what.test(unit.output), { what: `baresip to say ${what}`, timeout })
    .catch((error) => { throw new Error(`${error.message}\n--- baresip\n${unit.output.slice(-6000)}\n---`); });
  // In dB of full scale, of the last second that it has decoded.
  unit.hears = (tone) => {
    const name = readdirSync(folder).filter((each) => /dec.*\.wav$/.test(each)).sort().pop();
    if (!name) throw new Error(`nothing was decoded: ${readdirSync(folder)}`);
    const wav = readFileSync(join(folder, name));
    const [channels, rate] = [wav.readUInt16LE(22), wav.readUInt32LE(24)];
    const whole = wav.length - (wav.length - 44) % (2 * channels);
    const samples = [];
    for (let at = Math.max(44, whole - 2 * channels * rate); at < whole; at += 2 * channels) samples.push(wav.readInt16LE(at));
    if (samples.length < rate) throw new Error(`only ${samples.length} samples were decoded`);
    return level(samples, rate, tone);
  };
  // The colour in the middle of the picture that it shows.
  unit.sees = async () => {
    const file = join(folder, 'seen.png');
    rmSync(file, { force: true });
    unit.command('snapshot_recv', file);
    return until(() => existsSync(file) && middleOf(readFileSync(file)), { what: 'a picture to be shown', timeout: 5000 });
  };
  unit.stop = async () => {
    wire.destroy();
    if (!exited) child.kill('SIGTERM');
    const slow = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(slow);
    rmSync(folder, { recursive: true, force: true });
  };
  return unit;
}
