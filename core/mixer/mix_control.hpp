// What a meeting asks of the mixer. All calls return at once; codec threads do the work. [control]
#pragma once

#include "core/rtp/codec.hpp"
#include "core/session/media_control.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace viadux {

// A track that may be heard, and whose it is.
struct MixVoice {
  TrackId track = 0;
  std::uint64_t owner = 0;
  bool operator==(const MixVoice&) const = default;
};

// What a client with one picture is shown when there is none.
enum class StillText : std::uint8_t { waiting_for_host = 1, alone = 2, camera_off = 3 };

class MixControl {
 public:
  virtual ~MixControl() = default;

  // All who may be heard in the room from now on.
  virtual void set_voices(std::uint64_t room, std::span<const MixVoice> voices) = 0;
  // The track for a slot that hears all of the room but `owner`; it changes as people begin to speak (ask
  // again when told). 0: no codec of ours, or no room for it.
  virtual TrackId mix(std::uint64_t room, std::uint64_t owner, rtp::Codec codec) = 0;
  virtual void close_room(std::uint64_t room) = 0;
  // 0: there is none in that codec.
  virtual TrackId still(StillText text, rtp::Codec codec) = 0;

  // Called when mix() may answer something else for somebody in the room.
  virtual void on_change(std::function<void(std::uint64_t room)> changed) = 0;
};

} // namespace viadux
