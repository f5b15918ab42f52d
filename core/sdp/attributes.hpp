// Readers of a= lines, by area; inside sdp only. Each takes the value after the colon.
#pragma once

#include "core/sdp/description.hpp"
#include "core/sdp/parser.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace viadux::sdp {

// What came of reading one line.
struct Verdict {
  enum class Kind : std::uint8_t {
    ok,
    unknown,  // not for us: keep it as it is
    bad,      // malformed: an error in profile webrtc, kept as it is in sip
    too_many, // over a limit: an error always
  };
  Kind kind = Kind::ok;
  std::string what;

  static Verdict ok() { return {}; }
  static Verdict unknown() { return {Kind::unknown, {}}; }
  static Verdict bad(std::string what) { return {Kind::bad, std::move(what)}; }
  static Verdict too_many(std::string_view what, std::size_t limit) {
    return {Kind::too_many, "more than " + std::to_string(limit) + " " + std::string(what)};
  }
};

// A media line while it is read; the session level is read into one too, and folded into the others at the
// end.
struct MediaReader {
  MediaLine media;
  const Limits* limits = nullptr;
  bool direction_said = false;
  std::vector<std::string_view> feedback_for_all; // values of a=rtcp-fb:*
};

using AttributeReader = Verdict (*)(MediaReader& reader, std::string_view value);
struct NamedReader {
  std::string_view name;
  AttributeReader read;
};

// The readers of one area, ended by an empty name.
const NamedReader* transport_attributes(); // attributes_transport.cpp: ICE, DTLS, SDES, RTCP's port
const NamedReader* codec_attributes();     // attributes_codec.cpp: rtpmap, fmtp, rtcp-fb, ptime
const NamedReader*
stream_attributes(); // attributes_stream.cpp: mid, direction, content, extmap, rid, ssrc, msid

// Codec::feedback's bit, or a line of Codec::other_feedback.
void add_feedback(Codec& codec, std::string_view value, const Limits& limits);

// Shared with fragments.
Verdict read_candidate(std::string_view value, Candidate& candidate);
Verdict check_ice_ufrag(std::string_view value);
Verdict check_ice_pwd(std::string_view value);

} // namespace viadux::sdp
