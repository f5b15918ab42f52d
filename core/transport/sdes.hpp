// SDP security descriptions (RFC 4568): the value of an a=crypto line, for peers without DTLS (SIP). [any
// thread]
#pragma once

#include "core/transport/srtp_keys.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <viadux/result.hpp>

namespace viadux {

struct SdesCrypto {
  std::uint32_t tag = 1; // answers repeat the tag of the line they take
  SrtpProfile profile = SrtpProfile::aes_cm_128_hmac_sha1_80;
  SrtpKey key; // of the direction in which the writer of the line sends
};

// Parses what follows "a=crypto:", e.g. "1 AES_CM_128_HMAC_SHA1_80 inline:<base64>|2^31". Errors: unsupported
// (a suite, an MKI or a session parameter that we cannot do: try the next line), bad_argument (malformed).
Result<SdesCrypto> parse_sdes(std::string_view value);
std::string format_sdes(const SdesCrypto& crypto);
// With a fresh random key.
SdesCrypto make_sdes(std::uint32_t tag, SrtpProfile profile);

} // namespace viadux
