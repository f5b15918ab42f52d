// Brings a voice to the loudness of the others: who is far from the microphone is turned up, who shouts down.
// It follows what is clearly louder than the voice's own pauses: neither a pause nor a fan turns anything up.
// [one thread]
#pragma once

#include "core/mixer/audio.hpp"

namespace viadux::mixer {

class Leveller {
 public:
  static constexpr double wanted_dbov = -26; // nominal level of active speech (ITU-T P.56)
  static constexpr double most_db = 12;      // up or down
  void run(Frame& frame);
  double gain_db() const { return gain_db_; }

 private:
  double floor_dbov_ = 0; // of the pauses; nothing is speech before there has been one
  double speech_ = 0;     // mean power of speech; 0: none yet
  double gain_db_ = 0;
};

} // namespace viadux::mixer
