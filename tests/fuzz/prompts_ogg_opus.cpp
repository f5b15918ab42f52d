// A recording as an organisation may put it: what comes out is of sizes that can be sent.
#include "plugins/prompts/ogg_opus.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto packets = prompts::read_ogg_opus({reinterpret_cast<const char*>(data), size});
  if (!packets) return 0;
  if (packets->empty() || packets->size() > prompts::most_packets) std::abort();
  for (const std::string& packet : *packets)
    if (packet.empty() || packet.size() > 1200) std::abort();
  return 0;
}
