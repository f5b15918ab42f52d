// How often somebody may ask: a bucket that fills with time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace client {

struct Bucket {
  double tokens = -1; // below zero: full, never used
  std::int64_t at_us = 0;

  // False: too often. `rate` per second, `burst` at most.
  bool take(std::int64_t now_us, double rate, double burst) {
    if (tokens < 0)
      tokens = burst;
    else
      tokens = std::min(burst, tokens + static_cast<double>(now_us - at_us) / 1e6 * rate);
    at_us = now_us;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }
};

// One bucket for each address, forgotten once it is full again.
class AddressLimits {
 public:
  static constexpr std::size_t most = 65536;

  bool take(const std::string& address, std::int64_t now_us, double rate, double burst) {
    if (buckets_.size() >= most) forget(now_us, rate, burst);
    if (buckets_.size() >= most && !buckets_.contains(address)) return false;
    return buckets_[address].take(now_us, rate, burst);
  }
  void forget(std::int64_t now_us, double rate, double burst) {
    std::erase_if(buckets_, [&](const auto& entry) {
      return entry.second.tokens + static_cast<double>(now_us - entry.second.at_us) / 1e6 * rate >= burst;
    });
  }
  std::size_t size() const { return buckets_.size(); }

 private:
  std::unordered_map<std::string, Bucket> buckets_;
};

} // namespace client
