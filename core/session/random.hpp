// Random numbers that a stranger must not guess: SSRCs, CNAMEs, SDES keys. [any thread]
#pragma once

#include "core/sdp/description.hpp"
#include "core/transport/srtp_keys.hpp"

#include <cstdint>
#include <string>

namespace viadux {

std::uint32_t random_ssrc(); // never 0
std::string random_cname();  // 96 bits (RFC 7022 section 4.2)
sdp::Crypto random_crypto(SrtpProfile profile, std::uint32_t tag);

} // namespace viadux
