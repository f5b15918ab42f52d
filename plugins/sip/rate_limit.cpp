#include "rate_limit.hpp"

#include <algorithm>
#include <random>

namespace sip {
namespace {

std::uint64_t random_seed() {
  std::random_device random; // the kernel's
  return std::uint64_t{random()} << 32U | random();
}

} // namespace

RateLimit::RateLimit(double per_second, double burst)
    : per_second_(per_second), burst_(burst), seed_(random_seed()), table_(buckets) {}

bool RateLimit::take(std::span<const std::uint8_t> address, std::int64_t now_us) {
  std::uint64_t hash = seed_;
  for (const std::uint8_t byte : address) { // splitmix64's steps
    hash = (hash ^ byte) * 0xbf58476d1ce4e5b9U;
    hash ^= hash >> 27U;
  }
  Bucket& bucket = table_[(hash ^ hash >> 32U) % buckets];
  const double refilled = static_cast<double>(now_us - bucket.at_us) / 1e6 * per_second_;
  bucket.spent = std::max(0.0, bucket.spent - std::max(0.0, refilled));
  bucket.at_us = now_us;
  if (bucket.spent + 1 > burst_) return false;
  bucket.spent += 1;
  return true;
}

} // namespace sip
