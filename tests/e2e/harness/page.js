// In every test page: one peer connection, offers, and statistics as plain objects.
globalThis.rtc = (() => {
  let pc;
  let stream;

  const report = (r) => ({
    kind: r.kind, rid: r.rid ?? '', mid: r.mid ?? '', bytes: r.bytesReceived ?? r.bytesSent ?? 0,
    packets: r.packetsReceived ?? r.packetsSent ?? 0, lost: r.packetsLost ?? 0,
    nacks: r.nackCount ?? 0, plis: r.pliCount ?? 0, keyFrames: r.keyFramesDecoded ?? r.keyFramesEncoded ?? 0,
    retransmitted: r.retransmittedPacketsReceived ?? r.retransmittedPacketsSent ?? 0,
    frames: r.framesDecoded ?? r.framesEncoded ?? 0, height: r.frameHeight ?? 0, width: r.frameWidth ?? 0,
    freezes: r.freezeCount ?? 0, frozen: r.totalFreezesDuration ?? 0, target: r.targetBitrate ?? 0,
    energy: r.totalAudioEnergy ?? 0, samples: r.totalSamplesReceived ?? 0, concealed: r.concealedSamples ?? 0,
    active: r.active ?? true, limitation: r.qualityLimitationReason ?? '',
  });

  let ear;
  const listen = (heard) => {
    const context = new AudioContext({ sampleRate: 48000 });
    ear = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(heard).connect(ear);
  };

  return {
    // How much of each tone is heard now, in dB of full scale.
    hears(tones) {
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      return tones.map((hz) => {
        const at = Math.round((hz * ear.fftSize) / 48000);
        return Math.max(...bins.subarray(at - 2, at + 3));
      });
    },
    // A camera for the test: a canvas that never holds still where a size or rate other than the fake camera's is wanted.
    async offerToSend({ width = 320, height = 180, fps = 10, simulcast = false, maxBitrate = 0, content = 'camera', tone = 0, codec = 'vp8' } = {}) {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height, frameRate: fps } });
      if (tone) stream = globalThis.sing(stream, tone);
      if (content === 'texture') stream = globalThis.texture(stream, width, height, fps);
      pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      pc.addTransceiver(stream.getAudioTracks()[0], { direction: 'sendonly', streams: [stream] });
      const init = { direction: 'sendonly', streams: [stream] };
      if (simulcast) {
        // Two layers: at 640x360 Chromium sends no third one, and each costs the test's two cores an encoder.
        init.sendEncodings = [{ rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 700000 },
          { rid: 'l', scaleResolutionDownBy: 2, maxBitrate: 120000 }];
      } else if (maxBitrate) {
        init.sendEncodings = [{ maxBitrate }];
      }
      const sender = pc.addTransceiver(stream.getVideoTracks()[0], init);
      if (sender.setCodecPreferences) {
        const codecs = RTCRtpSender.getCapabilities('video').codecs;
        sender.setCodecPreferences(codecs.filter((c) => [codec].flat().some((each) => c.mimeType.toLowerCase() === `video/${each}`) || /rtx/i.test(c.mimeType)));
      }
      await pc.setLocalDescription(await pc.createOffer());
      return pc.localDescription.sdp;
    },
    async offerToReceive({ audio, video, codec }) {
      pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      for (let i = 0; i < audio; i++) pc.addTransceiver('audio', { direction: 'recvonly' });
      for (let i = 0; i < video; i++) {
        const receiver = pc.addTransceiver('video', { direction: 'recvonly' });
        const codecs = RTCRtpReceiver.getCapabilities('video').codecs;
        if (codec) receiver.setCodecPreferences(codecs.filter((c) => c.mimeType.toLowerCase() === `video/${codec}` || /rtx/i.test(c.mimeType)));
      }
      pc.ontrack = ({ track }) => { // what no element plays is not decoded
        const element = document.createElement(track.kind);
        Object.assign(element, { autoplay: true, playsInline: true, srcObject: new MediaStream([track]) });
        document.body.append(element);
        if (track.kind === 'audio') listen(element.srcObject);
      };
      await pc.setLocalDescription(await pc.createOffer());
      return pc.localDescription.sdp;
    },
    // The colours at places of the picture, which are given as parts of it; null while there is none.
    colours(places) {
      const video = document.querySelector('video');
      if (!video?.videoWidth) return null;
      const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
      const context = canvas.getContext('2d');
      context.drawImage(video, 0, 0);
      return places.map(([x, y]) => [...context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data].slice(0, 3));
    },
    async restartIce() {
      await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
      return pc.localDescription.sdp;
    },
    accept: (sdp) => pc.setRemoteDescription({ type: 'answer', sdp }),
    state: () => pc.connectionState,
    close() {
      stream?.getTracks().forEach((track) => track.stop());
      pc.close();
    },
    async stats() {
      const all = [...(await pc.getStats()).values()];
      const inbound = all.filter((r) => r.type === 'inbound-rtp').map(report);
      const outbound = all.filter((r) => r.type === 'outbound-rtp').map(report);
      const pair = all.find((r) => r.type === 'candidate-pair' && r.nominated) ?? {};
      const of = (list, kind) => list.filter((r) => r.kind === kind);
      return {
        at: performance.now(), state: pc.connectionState,
        video: of(inbound, 'video')[0], audio: of(inbound, 'audio')[0], inbound,
        sentVideo: of(outbound, 'video'), sentAudio: of(outbound, 'audio')[0],
        availableOutgoing: pair.availableOutgoingBitrate ?? 0, rtt: pair.currentRoundTripTime ?? 0,
        codec: all.find((r) => r.type === 'codec' && /video/.test(r.mimeType))?.mimeType ?? '',
      };
    },
  };
})();

// The picture of `stream` with a tone for its sound.
globalThis.sing = (stream, hz) => {
  const context = new AudioContext({ sampleRate: 48000 });
  const tone = new OscillatorNode(context, { frequency: hz });
  const gain = new GainNode(context, { gain: 0.2 });
  const out = context.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  stream.getAudioTracks().forEach((track) => track.stop());
  return new MediaStream([...out.stream.getAudioTracks(), ...stream.getVideoTracks()]);
};

// A picture for tests about bit rates, with the sound of `stream`: a soft texture that turns. Blocks cannot be copied from
// the frame before, so an encoder spends what it may; but it can also make do with little, as with a camera.
globalThis.texture = (stream, width, height, fps) => {
  const grain = Object.assign(document.createElement('canvas'), { width: 80, height: 45 });
  const dots = grain.getContext('2d');
  for (let y = 0; y < grain.height; y++) {
    for (let x = 0; x < grain.width; x++) {
      dots.fillStyle = `hsl(${Math.random() * 360} 70% ${20 + Math.random() * 60}%)`;
      dots.fillRect(x, y, 1, 1);
    }
  }
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  let frame = 0;
  setInterval(() => {
    context.setTransform(1, 0, 0, 1, width / 2, height / 2);
    context.rotate(frame++ * 0.03);
    context.drawImage(grain, -width, -height, 2 * width, 2 * height);
  }, 1000 / fps);
  const out = canvas.captureStream(fps);
  return new MediaStream([...stream.getAudioTracks(), ...out.getVideoTracks()]);
};
