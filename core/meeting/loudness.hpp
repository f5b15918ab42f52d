// How loud each participant is, smoothed, and who speaks. Pure logic in virtual time.
//
// A score is a leaky average of how far a level is above silence, 0 (silent) to 127 (full scale), so that a
// cough does not win and a pause between words does not lose. The speaker keeps the word at least 1.5 s;
// after that somebody must be louder by a margin, twice in a row, or speak while the speaker is silent.
#pragma once

#include "core/meeting/participant.hpp"

#include <unordered_map>

namespace viadux {

class Loudness {
 public:
  static constexpr double speech = 20;                   // a score above this is speech
  static constexpr double margin = 6;                    // about what people call clearly louder
  static constexpr std::uint8_t silence_minus_dbov = 60; // quieter levels count as silence
  static constexpr std::int64_t hold_us = 1'500'000;
  static constexpr std::int64_t rise_us = 250'000; // time constants of the average
  static constexpr std::int64_t fall_us = 900'000;
  static constexpr std::int64_t step_us = 200'000; // how often media reports

  void add(ParticipantId participant, std::uint8_t minus_dbov, std::int64_t now_us);
  void remove(ParticipantId participant);
  double score(ParticipantId participant, std::int64_t now_us) const;

  // Judges who speaks; call after the levels of one report are in. True when that has changed.
  bool judge(std::int64_t now_us);
  ParticipantId speaker() const { return speaker_; } // 0 until somebody has spoken
  ParticipantId speaker_before() const { return before_; }

 private:
  struct Voice {
    double score = 0;
    std::int64_t at_us = 0;
  };
  std::unordered_map<ParticipantId, Voice> voices_;
  ParticipantId speaker_ = 0;
  ParticipantId before_ = 0;
  std::int64_t speaker_since_us_ = 0;
  ParticipantId challenger_ = 0;
  std::int64_t challenged_us_ = 0;
};

} // namespace viadux
