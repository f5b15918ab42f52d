// SHA-256 and random tokens, so that OpenSSL stays out of other headers. [any thread]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace viadux {

using Sha256 = std::array<std::uint8_t, 32>;
Sha256 sha256(std::string_view text);
std::string to_hex(const std::uint8_t* bytes, std::size_t count);

// `count` bytes from the system's generator. Ends the process when there is none: nothing safe can be done
// then.
std::string random_bytes(std::size_t count);
// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes);

} // namespace viadux
