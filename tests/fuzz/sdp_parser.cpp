// Any bytes: parse in both profiles; what parses is written, and must come back the same.
#include "core/sdp/parser.hpp"
#include "core/sdp/writer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace viadux::sdp;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto profile : {Profile::webrtc, Profile::sip}) {
    const auto description = parse(text, profile);
    if (!description) continue;
    // Written out, static payload types get their a=rtpmap: a line or two more than came in must not hit the
    // limits.
    Limits roomy;
    roomy.bytes *= 16;
    roomy.line_bytes *= 16;
    roomy.lines *= 16;
    roomy.per_line *= 2;
    const auto again = parse(write(*description), profile, roomy);
    if (!again || *again != *description) std::abort();
  }
  return 0;
}
