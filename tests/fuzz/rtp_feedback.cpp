// transport-wide-cc feedback: work bounded by its status count, and results only where all adds up.
#include "core/rtp/transport_feedback.hpp"

#include <cstdint>
#include <cstdlib>

using namespace viadux::rtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  TransportFeedbackReader reader;
  // Two in a row, so that one follows on the other's numbers.
  const std::size_t half = size / 2;
  for (const auto body : {std::span(data, half), std::span(data + half, size - half)}) {
    const bool good = reader.read(body);
    if (good == reader.results().empty()) std::abort();
    if (reader.results().size() > 65'535) std::abort();
  }
  return 0;
}
