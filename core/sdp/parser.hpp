// SDP text to document. Input is hostile: every list is bounded and nothing is trusted. [any thread]
#pragma once

#include "core/sdp/description.hpp"

#include <cstddef>
#include <string_view>
#include <viadux/result.hpp>

namespace viadux::sdp {

// What one description may hold; more is refused with the limit in the message. Two dozen slots fit many
// times.
struct Limits {
  std::size_t bytes = 65536;
  std::size_t line_bytes = 4096;
  std::size_t lines = 4096;
  std::size_t media_lines = 64;
  std::size_t per_line = 128; // codecs, candidates, sources, unknown lines, ... of one media line, each
};

// Error: bad_argument, reason "sdp_invalid", and a message that begins "line 17:" and quotes what was found.
// Profile webrtc wants what RFC 8866 and 8829 require; sip also takes bare LF or CR, spaces around, missing
// v= o= s= t=, malformed attributes that can be left out (they go to other_lines).
Result<SessionDescription> parse(std::string_view text, Profile profile, const Limits& limits = {});

} // namespace viadux::sdp
