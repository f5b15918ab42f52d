#include "core/auth/constant_time.hpp"

#include "core/auth/digest.hpp"

#include <openssl/crypto.h>

namespace viadux {

bool constant_time_equal(std::string_view left, std::string_view right) {
  const Sha256 one = sha256(left);
  const Sha256 other = sha256(right);
  return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

} // namespace viadux
