// How many requests one address may make: a token bucket each, in a table that never grows. [one thread]
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sip {

class RateLimit {
 public:
  // `burst` is what an address that was silent for long may do at once.
  RateLimit(double per_second, double burst);
  // `address`: the bytes of an IPv4 address, or of an IPv6 network (64 bits), which is one site.
  bool take(std::span<const std::uint8_t> address, std::int64_t now_us);

 private:
  // Addresses whose hashes meet share a bucket. So somebody with very many addresses can use up what others
  // have, but never memory, and nobody's bucket is emptied by pushing it out of the table.
  static constexpr std::size_t buckets = 8192;
  struct Bucket {
    double spent = 0;
    std::int64_t at_us = 0;
  };
  double per_second_;
  double burst_;
  std::uint64_t seed_; // who shares with whom cannot be known from outside
  std::vector<Bucket> table_;
};

} // namespace sip
