// What somebody dialled. What is taken must be in its normal form: taking it again changes nothing.
#include "core/config/address.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view dialled(reinterpret_cast<const char*>(data), size);
  const viadux::Result<viadux::Address> address = viadux::parse_address(dialled);
  if (address) {
    const bool normal = !address->local.empty() && address->local.size() <= 256 &&
                        address->local.find_first_of("@/\\ ") == std::string::npos &&
                        viadux::normal_domain(address->domain) == address->domain;
    if (!normal) std::abort();
  }
  const std::string domain = viadux::normal_domain(dialled);
  if (viadux::normal_domain(domain) != domain) std::abort();
  return 0;
}
