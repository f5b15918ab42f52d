// How often something may be done: so many in one go, and so many a second. Pure, in virtual time.
#pragma once

#include <algorithm>
#include <cstdint>

namespace viadux {

class TokenBucket {
 public:
  constexpr TokenBucket(double burst, double per_second)
      : burst_(burst), per_second_(per_second), tokens_(burst) {}

  bool take(double tokens, std::int64_t now_us) {
    if (last_us_ != 0)
      tokens_ = std::min(burst_, tokens_ + static_cast<double>(now_us - last_us_) * per_second_ / 1e6);
    last_us_ = now_us;
    if (tokens_ < tokens) return false;
    tokens_ -= tokens;
    return true;
  }

 private:
  double burst_;
  double per_second_;
  double tokens_;
  std::int64_t last_us_ = 0;
};

} // namespace viadux
