// Any bytes as a trickle fragment; what parses is written, and must come back the same.
#include "core/sdp/fragment.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace viadux::sdp;
  const auto fragment = parse_fragment({reinterpret_cast<const char*>(data), size});
  if (!fragment) return 0;
  const auto written = write_fragment(*fragment);
  if (written.empty()) return 0; // nothing in it that we know
  Limits roomy;
  roomy.bytes *= 16;
  roomy.line_bytes *= 16;
  const auto again = parse_fragment(written, roomy);
  if (!again || *again != *fragment) std::abort();
  return 0;
}
