// What the test page is bundled from: the published client, unchanged, and a camera whose colour and tone say whose it is.
import { ClientCallType, createCallSignals, createInfinityClient, createInfinityClientSignals } from '@pexip/infinity';

// A filled canvas and a sine: `colour` as CSS names it, `hertz` for the sound.
function camera(colour, hertz, width = 320, height = 180) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  let frame = 0;
  setInterval(() => { // one corner moves, so that the encoder has something to send
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.fillStyle = frame++ % 2 ? 'black' : 'white';
    context.fillRect(0, 0, 8, 8);
  }, 100);
  const stream = canvas.captureStream(10);
  if (hertz) {
    const audio = new AudioContext();
    const tone = Object.assign(new OscillatorNode(audio, { frequency: hertz }));
    const out = audio.createMediaStreamDestination();
    tone.connect(new GainNode(audio, { gain: 0.3 })).connect(out);
    tone.start();
    stream.addTrack(out.stream.getAudioTracks()[0]);
  }
  return stream;
}

function player() {
  const video = Object.assign(document.createElement('video'), { autoplay: true, muted: true, playsInline: true });
  document.body.append(video);
  const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 16 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const audio = new AudioContext();
  const ear = new AnalyserNode(audio, { fftSize: 8192 });
  const silent = new Audio(); // Chromium gives a remote track to Web Audio only while an element plays it
  silent.muted = true;
  return {
    show(stream) {
      video.srcObject = stream;
      if (!stream.getAudioTracks().length) return;
      silent.srcObject = stream;
      silent.play().catch(() => {});
      audio.createMediaStreamSource(stream).connect(ear);
    },
    // The picture at a place, the middle unless told, as "r,g,b" in steps of 64, which no codec spoils; "" where there is none.
    colour(x = 0.5, y = 0.5) {
      if (!video.videoWidth) return '';
      context.drawImage(video, 0, 0, 16, 16);
      return [...context.getImageData(x * 16, y * 16, 1, 1).data].slice(0, 3).map((v) => Math.round(v / 64)).join(',');
    },
    // The tones that are heard, in steps of 50 Hz, the loudest first.
    tones(floor = -60) {
      const levels = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(levels);
      const peaks = [];
      for (let i = 2; i < levels.length - 2; i++) {
        if (levels[i] > floor && levels[i] >= levels[i - 1] && levels[i] > levels[i + 1] && levels[i] > levels[i - 2] && levels[i] > levels[i + 2]) {
          peaks.push([levels[i], Math.round((i * audio.sampleRate) / 8192 / 50) * 50]);
        }
      }
      return [...new Set(peaks.sort((a, b) => b[0] - a[0]).map(([, hertz]) => hertz))];
    },
    frames: () => video.getVideoPlaybackQuality().totalVideoFrames,
  };
}

const log = [];
const signals = createInfinityClientSignals([], { batchScheduleTimeoutMS: 50, batchBufferSize: 10 });
const callSignals = createCallSignals(['onReconnecting', 'onReconnected', 'onCallConnected']);
const main = player();
const slides = player();
for (const [from, all] of [['infinity', signals], ['call', callSignals]]) {
  for (const [name, signal] of Object.entries(all)) {
    signal.add((value) => {
      if (name === 'onRtcStats' || name === 'onCallQuality' || name === 'onCallQualityStats') { latest[name] = value; return; }
      let plain;
      try { plain = JSON.parse(JSON.stringify(value ?? null)); } catch { plain = String(value); }
      log.push({ from, name, value: plain });
    });
  }
}
const latest = {};
callSignals.onRemoteStream.add((stream) => main.show(stream));
callSignals.onRemotePresentationStream.add((stream) => slides.show(stream));
const client = createInfinityClient(signals, callSignals);

// What an app does when it is told so: the library leaves it to the app.
let joinedWith;
signals.onBreakoutRefer.add(({ breakoutUuid }) => client.joinBreakoutRoom({ breakoutUuid }));
signals.onBreakoutEnd.add((room) => { if (client.roomId === room.breakout_uuid) client.joinBreakoutRoom({}); });
signals.onPeerDisconnect.add(() => client.restartCall({ bandwidth: 0, ...joinedWith }));
signals.onTransfer.add(async ({ alias, token }) => {
  await client.disconnect({ reason: 'Transfer' });
  await client.call({ ...joinedWith, conferenceAlias: alias, token, pin: undefined });
});

globalThis.app = {
  client, log, main, slides, latest,
  async join(options) {
    const { colour, hertz, ...rest } = options;
    const mediaStream = colour ? camera(colour, hertz) : undefined;
    joinedWith = { bandwidth: 0, callType: ClientCallType.AudioVideoPresentation ?? ClientCallType.AudioVideo, mediaStream, ...rest };
    const result = await client.call(joinedWith);
    return { status: result?.status, result: result?.data?.result };
  },
  present: (colour) => client.present(camera(colour)),
  happened: (name) => log.filter((entry) => entry.name === name).map((entry) => entry.value),
  people: (room = 'main') => client.getParticipants(room).map((p) => ({ ...p })),
  status: (room = 'main') => client.conferenceStatus.get(room) ?? null,
  room: () => client.roomId,
  rooms: () => [...client.rooms],
};
