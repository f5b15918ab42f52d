// One track as the mix hears it: 20 ms of sound whenever they are asked for, whatever the network did. Pure:
// time comes from outside. [one thread]
#pragma once

#include "core/mixer/audio_decoder.hpp"
#include "core/mixer/jitter_buffer.hpp"
#include "core/mixer/lip_sync.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace viadux::mixer {

struct VoiceCounters {
  std::uint64_t decoded = 0;   // packets
  std::uint64_t skipped = 0;   // packets too quiet to decode
  std::uint64_t recovered = 0; // times FEC filled a hole
  std::uint64_t concealed = 0; // times something was made up
  std::uint64_t underruns = 0; // times there was nothing when sound was due
  std::uint64_t late = 0;      // packets that came after their time, or twice
  std::uint64_t malformed = 0;
};

class Voice {
 public:
  static constexpr std::uint8_t quiet_minus_dbov = 60; // quieter is not decoded
  static constexpr std::int64_t hold_us = 400'000;     // after the last that was louder

  // The codec must be one that AudioDecoder knows.
  explicit Voice(rtp::Codec codec);

  // `minus_dbov`: the sender's level (RFC 6464), where it tells.
  void put(std::uint16_t sequence, std::uint32_t timestamp, std::span<const std::uint8_t> payload,
           std::optional<std::uint8_t> minus_dbov, std::int64_t arrival_us);

  // Every 20 ms. False: nothing to hear, `out` is untouched.
  bool take(Frame& out, std::int64_t now_us);

  // The sender's clock, as TrackPortSink::on_time().
  void on_time(std::uint32_t timestamp, std::int64_t media_us) { clock_.set(timestamp, media_us); }
  // How long before `now_us` what take() gave last was captured; nothing where the sender has not said.
  std::optional<std::int64_t> delay_us(std::int64_t now_us) const;

  // Instead of take(): what is due is thrown away.
  void skip(std::int64_t now_us);

  bool tells_level() const { return tells_level_; }
  // Louder than quiet_minus_dbov within hold_us: by the sender's word or, without one, by what was decoded.
  bool audible(std::int64_t now_us) const { return now_us - loud_us_ < hold_us; }
  std::uint8_t loudness() const { return loudness_; } // the last level, as 127 - minus_dbov
  std::int64_t heard_us() const { return loud_us_; }  // when it was last loud
  const VoiceCounters& counters() const { return counters_; }

 private:
  bool ready(std::int64_t now_us);
  void fill();
  bool next(); // one piece of sound into held_; false: nothing is there
  void hold(std::size_t samples);
  void shrink();
  std::int64_t to_samples(std::int64_t ticks) const { return ticks * rate_hz / clock_hz_; }
  std::int64_t to_ticks(std::int64_t samples) const { return samples * clock_hz_ / rate_hz; }

  std::uint32_t clock_hz_;
  CaptureClock clock_;
  std::unique_ptr<AudioDecoder> decoder_;
  JitterBuffer buffer_;
  bool playing_ = false;
  bool tells_level_ = false;
  std::int64_t due_ = 0;           // timestamp of what is decoded next
  std::int64_t last_sequence_ = 0; // decoded
  std::size_t made_up_ = 0;        // samples in a row without a packet
  std::size_t stretched_ = 0; // of these, how many stood for nothing that is due: the delay has grown by them
  int long_ = 0;              // ticks in a row with more waiting than needed
  std::int64_t loud_us_ = INT64_MIN / 2;
  std::uint8_t loudness_ = 0;
  std::vector<float> held_; // decoded, not yet taken
  std::vector<float> scratch_;
  VoiceCounters counters_;
};

// The level of a frame as RFC 6464 has it: 0 is full scale, 127 silence.
std::uint8_t level_of(std::span<const float> sound);

} // namespace viadux::mixer
