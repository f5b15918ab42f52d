// A room's pictures: what senders send in, composed pictures out, each encoded once for all who want it.
// Pure: packets and time come from outside, packets go out by PictureOut. [one thread]
#pragma once

#include "core/mixer/canvas.hpp"
#include "core/mixer/picture_budget.hpp"
#include "core/mixer/video_encoder.hpp"
#include "core/session/track_port.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace viadux::mixer {

// One of the sizes in which a picture is encoded.
struct PictureStep {
  std::uint16_t height = 720;
  std::uint32_t bitrate_bps = 1'500'000;
};

struct PictureStyle {
  CanvasStyle canvas;
  std::uint32_t fps = 30;
  // At most three, the smallest first; only those are encoded that somebody gets.
  std::vector<PictureStep> steps{{180, 200'000}, {360, 600'000}, {720, 1'500'000}};
};

class PictureOut {
 public:
  virtual ~PictureOut() = default;
  virtual void send(TrackId output, const PortPacket& packet) = 0;
  virtual void ask_key_frame(TrackId source, std::uint8_t encoding) = 0;
};

struct PictureCounters {
  std::uint64_t composed = 0; // pictures in which something had changed
  std::uint64_t encoded = 0;  // frames
  std::uint64_t left_out = 0; // frames that the encoder dropped to keep its rate
  std::uint64_t key_frames = 0;
  std::uint64_t encoder_failures = 0;
};

class PictureMix {
 public:
  PictureMix(const PictureStyle& style, PictureOut& out)
      : style_(style), out_(out), font_(style.canvas.font) {}

  void add_source(TrackId track, rtp::Codec codec, unsigned encodings,
                  std::shared_ptr<LipSync> lip_sync = nullptr);
  void remove_source(TrackId track);
  void put(TrackId track, const router::ChannelRecord& record, std::span<const std::uint8_t> payload,
           std::int64_t now_us);

  void on_time(TrackId track, std::uint8_t encoding, std::uint32_t timestamp, std::int64_t media_us);

  // `canvas` is any number of the caller's.
  void set_canvas(std::uint64_t canvas, CanvasPlan plan, std::int64_t now_us);
  void remove_canvas(std::uint64_t canvas) { canvases_.erase(canvas); }
  void add_output(TrackId output, std::uint64_t canvas, rtp::Codec codec);
  void remove_output(TrackId output) { outputs_.erase(output); }
  void set_wanted(TrackId output, bool wanted);
  void want_key_frame(TrackId output, std::uint8_t encoding, std::int64_t now_us);
  void set_in_use(TrackId output, std::uint8_t encodings); // a bit for each step

  void set_effort(const Effort& effort) { effort_ = effort; }
  // As often as pictures are sent.
  void tick(std::int64_t now_us);
  bool rests() const; // nobody looks

  const PictureCounters& counters() const { return counters_; }
  SourceCounters source_counters() const; // of all there are and were
  std::size_t encoders() const;

 private:
  struct Step {
    std::unique_ptr<VideoEncoder> encoder;
    std::uint16_t width = 0, height = 0;
    Picture scaled;
    bool key = true;
    bool in_use = false;
    std::int64_t asked_us = INT64_MIN / 2; // for a key frame: somebody is about to use it
    std::uint16_t sequence = 0;
    std::uint16_t picture_id = 1; // these two run on from encoder to encoder
  };
  struct Output {
    std::uint64_t canvas = 0;
    rtp::Codec codec = rtp::Codec::unknown;
    bool wanted = false;
    std::int64_t sent_us = INT64_MIN / 2;
    std::vector<Step> steps;
  };
  bool wanted(std::uint64_t canvas) const;
  void decode(std::int64_t now_us);
  void encode(TrackId track, Output& output, const Picture& picture, std::int64_t now_us);
  void encode_step(TrackId track, Output& output, std::size_t index, const Picture& picture,
                   std::int64_t now_us);

  const PictureStyle style_;
  PictureOut& out_;
  Effort effort_;
  Font font_;
  Sources sources_;
  std::map<std::uint64_t, std::unique_ptr<Canvas>> canvases_;
  std::map<TrackId, Output> outputs_;
  std::vector<TrackId> fresh_; // scratch
  SourceCounters gone_;
  PictureCounters counters_;
};

} // namespace viadux::mixer
