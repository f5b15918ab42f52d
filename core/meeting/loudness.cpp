#include "core/meeting/loudness.hpp"

#include <algorithm>
#include <cmath>

namespace viadux {
namespace {

double decay(std::int64_t elapsed_us, std::int64_t constant_us) {
  return std::exp(-static_cast<double>(elapsed_us) / static_cast<double>(constant_us));
}

} // namespace

void Loudness::add(ParticipantId participant, std::uint8_t minus_dbov, std::int64_t now_us) {
  const double level = minus_dbov < silence_minus_dbov ? 127 - minus_dbov : 0;
  Voice& voice = voices_[participant];
  if (voice.at_us == 0) voice.at_us = now_us - step_us;
  // Two devices of one person in the same report: the louder counts.
  if (voice.at_us == now_us && level < voice.score) return;
  const std::int64_t elapsed_us = std::clamp<std::int64_t>(now_us - voice.at_us, 0, step_us);
  const double before = score(participant, now_us - elapsed_us);
  const double weight = decay(elapsed_us, level > before ? rise_us : fall_us);
  voice.score = before * weight + level * (1 - weight);
  voice.at_us = now_us;
}

void Loudness::remove(ParticipantId participant) {
  voices_.erase(participant);
  if (speaker_ == participant) {
    speaker_ = before_;
    before_ = 0;
  }
  if (before_ == participant) before_ = 0;
  if (challenger_ == participant) challenger_ = 0;
}

double Loudness::score(ParticipantId participant, std::int64_t now_us) const {
  const auto found = voices_.find(participant);
  if (found == voices_.end()) return 0;
  // A report is due every step; only what is missing beyond that means silence.
  const std::int64_t silent_us = std::max<std::int64_t>(0, now_us - found->second.at_us - step_us);
  return found->second.score * decay(silent_us, fall_us);
}

bool Loudness::judge(std::int64_t now_us) {
  ParticipantId loudest = 0;
  double most = speech;
  for (const auto& [participant, voice] : voices_) {
    const double value = score(participant, now_us);
    // Ties go to the lower id, so that the order of a hash table decides nothing.
    if (participant != speaker_ && (value > most || (value == most && loudest && participant < loudest))) {
      loudest = participant;
      most = value;
    }
  }
  if (!loudest) {
    challenger_ = 0;
    return false;
  }
  const double current = speaker_ ? score(speaker_, now_us) : 0;
  const bool speaker_silent = current < speech;
  if (!speaker_silent && most < current + margin) {
    challenger_ = 0;
    return false;
  }
  if (challenger_ != loudest) {
    challenger_ = loudest;
    challenged_us_ = now_us;
  }
  const bool held = speaker_ == 0 || now_us - speaker_since_us_ >= hold_us;
  const bool insisted = speaker_ == 0 || now_us - challenged_us_ >= step_us;
  if (!held || !insisted) return false;
  if (speaker_) before_ = speaker_;
  speaker_ = loudest;
  speaker_since_us_ = now_us;
  challenger_ = 0;
  return true;
}

} // namespace viadux
