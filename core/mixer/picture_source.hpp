// One sender's pictures: of its encodings the one is decoded that is large enough for where it is shown, and
// none while it is shown nowhere. Pure: packets and time come from outside. [one thread]
#pragma once

#include "core/mixer/lip_sync.hpp"
#include "core/mixer/video_decoder.hpp"
#include "core/router/packet_channel.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace viadux::mixer {

struct SourceCounters {
  std::uint64_t decoded = 0;   // frames
  std::uint64_t damaged = 0;   // frames that no decoder took
  std::uint64_t lost = 0;      // times that packets did not come
  std::uint64_t malformed = 0; // packets
};

class PictureSource {
 public:
  // At most so long a picture waits for the sound that belongs to it.
  static constexpr std::int64_t most_wait_us = 300'000;

  PictureSource(rtp::Codec codec, unsigned encodings, std::shared_ptr<LipSync> lip_sync = nullptr);

  void put(const router::ChannelRecord& record, std::span<const std::uint8_t> payload, std::int64_t now_us);
  void on_time(std::uint8_t encoding, std::uint32_t timestamp, std::int64_t media_us);
  // How high the largest place is where it is shown; 0: nowhere.
  void set_height(int pixels);
  bool shown() const { return height_ > 0; }

  // Decodes what has come. True: picture() is another.
  bool decode(std::int64_t now_us);
  // The last one; none before the first and, for a moment, after a damaged one.
  PictureView picture() const;
  unsigned turned() const { return turned_; } // quarters, clockwise, to be upright (3GPP TS 26.114, CVO)
  // The encoding that needs a key frame now: each time it is asked for, so call it once a turn.
  std::optional<std::uint8_t> key_frame_wanted(std::int64_t now_us);
  SourceCounters counters() const;
  unsigned decoding() const { return current_; } // which encoding

 private:
  static constexpr unsigned most_encodings = 3;
  struct Encoding {
    std::unique_ptr<FrameAssembler> frames;
    std::unique_ptr<VideoDecoder> decoder;
    std::optional<CodedFrame> held; // waits for its sound
    std::int64_t held_since_us = 0;
    CaptureClock clock{90'000};
    std::int64_t last_us = INT64_MIN / 2;
    std::uint16_t height = 0; // as its key frames say
  };
  void choose(std::int64_t now_us);
  int height_of(unsigned encoding) const;
  bool decode(Encoding& encoding, std::int64_t now_us);
  bool due(const Encoding& encoding, std::int64_t now_us) const;
  void drop(Encoding& encoding);

  const rtp::Codec codec_;
  const unsigned count_;
  const std::shared_ptr<LipSync> lip_sync_;
  std::array<Encoding, most_encodings> encodings_;
  int height_ = 0;
  unsigned current_ = 0; // whose picture is shown
  unsigned target_ = 0;  // whose is to be
  unsigned turned_ = 0;
  std::int64_t asked_us_ = INT64_MIN / 2;
  unsigned failures_ = 0; // in a row
  SourceCounters counters_;
};

} // namespace viadux::mixer
