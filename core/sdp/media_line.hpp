// The m= line and the static payload types it may name; inside sdp only.
#pragma once

#include "core/sdp/attributes.hpp"

namespace viadux::sdp {

// Reads what stands after "m=" into an empty line. `strict` refuses a payload type named twice.
Verdict read_media_line(std::string_view value, bool strict, const Limits& limits, MediaLine& media);

// RTP in any of its profiles: the formats are payload types.
bool is_rtp(std::string_view protocol);

} // namespace viadux::sdp
