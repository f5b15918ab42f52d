// An a=crypto line: what is taken must survive being written and read again.
#include "core/transport/sdes.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace viadux;
  const auto crypto = parse_sdes({reinterpret_cast<const char*>(data), size});
  if (!crypto) return 0;
  const auto again = parse_sdes(format_sdes(*crypto));
  if (!again || again->tag != crypto->tag || again->profile != crypto->profile ||
      !(again->key == crypto->key))
    std::abort();
  return 0;
}
