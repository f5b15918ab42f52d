// Document to SDP text, lines ending in CRLF, in the order of RFC 8866 section 5. [any thread]
#pragma once

#include "core/sdp/description.hpp"

#include <string>

namespace viadux::sdp {

// parse(write(d)) gives d again for every d that came from parse() or negotiate().
std::string write(const SessionDescription& description);

// The value of one a=candidate line, "candidate:1 1 udp ...": what WebRTC calls an ICE candidate's string.
std::string write_candidate(const Candidate& candidate);

} // namespace viadux::sdp
