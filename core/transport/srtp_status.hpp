// What came of protecting or unprotecting one packet.
#pragma once

#include <cstdint>

namespace viadux {

enum class SrtpStatus : std::uint8_t {
  ok,
  auth_failed, // the tag is wrong: forged, damaged, or other keys
  replayed,    // seen before, or older than the window
  malformed,
  too_many_ssrcs,
  refused, // sending: a sequence number that was used before
};

} // namespace viadux
