// A real SIP unit: Debian's baresip with a folder of its own, a tone as its voice and one colour as its camera.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

// `audio`, `video`: codecs as baresip names them, all where they are left out; `video: null` is a telephone.
export async function startBaresip({ hertz = 1000, rgb = [255, 255, 0], audio, video, account = '', transport = 'udp' } = {}) {
  const base = await freePorts(24);
  const folder = mkdtempSync(join(tmpdir(), 'viadux-baresip-'));
  const config = {
    sip_listen: `127.0.0.1:${base}`, net_interface: '127.0.0.1', rtp_ports: `${base + 4}-${base + 22}`,
    ctrl_tcp_listen: `127.0.0.1:${base + 3}`, module_path: modules,
    audio_source: `ausine,${hertz}`, audio_player: `aufile,${folder}/heard.wav`, audio_alert: `aufile,${folder}/alert.wav`,
    ausrc_srate: 48000, auplay_srate: 48000, ausrc_channels: 2, auplay_channels: 2,
    video_source: `avformat,${folder}/camera.y4m`, video_display: 'fakevideo,nil', video_size: '320x240', video_fps: 10,
    video_bitrate: 300000, avcodec_h264enc: 'libx264',
  };
  const names = ['opus', 'g722', 'g711', 'ausine', 'aufile', 'srtp', 'dtls_srtp'];
  if (video !== null) names.push('avcodec', 'avformat', 'fakevideo', 'vp8');
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
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { unit.output = (unit.output + part).slice(-200000); });
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
