// Comparing secrets. [any thread]
#pragma once

#include <string_view>

namespace viadux {

// Whether both are equal, in a time that tells neither where they differ nor how long the secret is: the
// SHA-256 of both are compared by CRYPTO_memcmp. For PINs, bearer tokens and everything else that a stranger
// may guess at.
bool constant_time_equal(std::string_view left, std::string_view right);

} // namespace viadux
