// application/trickle-ice-sdpfrag (RFC 8840): candidates that come, or ICE that restarts, after the offer.
// WHIP carries it in PATCH (RFC 9725 section 4.3). [any thread]
#pragma once

#include "core/sdp/description.hpp"
#include "core/sdp/parser.hpp"

#include <string>
#include <string_view>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::sdp {

struct FragmentLine {
  std::string mid;
  std::string media = "audio"; // what the pseudo m= line said; means nothing (RFC 8840 section 4.4)
  std::string ice_ufrag;       // of its own, or the session level's
  std::string ice_pwd;
  std::vector<Candidate> candidates;
  bool end_of_candidates = false;
  bool operator==(const FragmentLine&) const = default;
};

struct Fragment {
  std::vector<std::string> bundle; // mids of a=group:BUNDLE, where written
  bool ice_lite = false;
  std::vector<std::string> ice_options;
  std::string ice_ufrag; // of the session level, else of the first line
  std::string ice_pwd;
  bool end_of_candidates = false; // for everything
  std::vector<FragmentLine> lines;
  bool operator==(const Fragment&) const = default;
};

// Error: bad_argument, "sdp_fragment_invalid", the line in the message. Limits as for a description.
Result<Fragment> parse_fragment(std::string_view text, const Limits& limits = {});
std::string write_fragment(const Fragment& fragment);

} // namespace viadux::sdp
