// Who is speaking: loudest first, and one dominant speaker who is not lost to a cough. The choice follows the
// idea of Volfin and Cohen ("Dominant speaker identification for multipoint videoconferencing"): activity is
// judged over a short, a medium and a long window, and a challenger has to win in all three. Pure; time is
// passed in. [one thread]
#pragma once

#include "core/rtp/audio_level.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace viadux::rtp {

class ActiveSpeakers {
 public:
  using SpeakerId = std::uint64_t; // 0 is nobody
  static constexpr std::int64_t step_us = 20'000;

  // At most `max_speakers` are followed; more are refused by add().
  explicit ActiveSpeakers(std::size_t max_speakers = 1000) : max_speakers_(max_speakers) {}

  bool add(SpeakerId speaker);
  void remove(SpeakerId speaker);
  // `minus_dbov` 0 loudest, 127 silence. The loudest of a 20 ms step counts.
  void on_level(SpeakerId speaker, std::uint8_t minus_dbov, std::int64_t now_us);
  // Call every 20-300 ms. True if the dominant speaker has changed.
  bool update(std::int64_t now_us);

  // Stays when everybody falls silent; 0 if nobody has ever spoken.
  SpeakerId dominant() const { return dominant_; }
  // Those with sound in the last second, loudest first, the dominant one in front. Returns how many were
  // written.
  std::size_t loudest(std::int64_t now_us, std::span<SpeakerId> out) const;

 private:
  static constexpr std::size_t steps = 50; // of 20 ms: the long window
  struct Speaker {
    SpeakerId id = 0;
    std::array<std::uint8_t, steps> activity{}; // dB above what counts as sound, a ring over the last second
    std::uint8_t current = 0;                   // of the step that is not over
    std::int64_t last_sound_us = INT64_MIN;
    // Mean activity over the last 100 ms, 300 ms, 1 s.
    float short_mean = 0;
    float medium_mean = 0;
    float long_mean = 0;
  };
  Speaker* find(SpeakerId speaker);
  void step(bool heard);
  void judge(Speaker& speaker) const;

  std::size_t max_speakers_;
  std::vector<Speaker> speakers_;
  std::size_t position_ = 0; // of the newest step in each ring
  std::int64_t stepped_us_ = INT64_MIN;
  SpeakerId dominant_ = 0;
};

} // namespace viadux::rtp
