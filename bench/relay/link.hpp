// One direction of a bad network, in virtual time: the caller says when a datagram comes and is told when it
// leaves.
//
// Deterministic: the same seed, settings and arrivals give the same fates on every machine. It owns no clock,
// no socket and no data; the relay and the synthetic peer keep the datagrams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <viadux/result.hpp>

namespace viadux::bench {

struct LinkSettings {
  double loss = 0;                 // 0..1, each datagram on its own
  double reorder = 0;              // 0..1, how many are held back so that later ones overtake them
  std::int64_t delay_us = 0;       // one way
  std::int64_t jitter_us = 0;      // up to this much more, evenly spread; does not reorder by itself
  std::int64_t hold_us = 20'000;   // how long a reordered datagram is held back
  std::int64_t rate_bps = 0;       // 0 is unlimited
  std::int64_t queue_us = 300'000; // drop-tail: what would wait longer for the rate is dropped
};

struct LinkCounters {
  std::uint64_t offered = 0;
  std::uint64_t lost = 0;       // by chance
  std::uint64_t overflowed = 0; // by the queue
  std::uint64_t reordered = 0;
};

// Reads "loss=5% delay=40ms jitter=10ms reorder=1% hold=20ms rate=400k queue=300ms" over what was set before:
// words in any order, what is not named stays. "clear" sets all back. Errors name the word.
Result<LinkSettings> parse_link(const LinkSettings& before, const std::string& words);

class Link {
 public:
  explicit Link(std::uint64_t seed, LinkSettings settings = {})
      : settings_(settings), random_(seed * 2 + 1) {}
  void set(const LinkSettings& settings) { settings_ = settings; }
  const LinkSettings& settings() const { return settings_; }
  const LinkCounters& counters() const { return counters_; }

  // When a datagram that comes now leaves the link; nothing when it is dropped. `now_us` never goes back.
  // Leaving times never fall, save for those that reordering holds back.
  std::optional<std::int64_t> offer(std::int64_t now_us, std::size_t bytes);

 private:
  double chance(); // [0, 1)

  LinkSettings settings_;
  LinkCounters counters_;
  std::uint64_t random_;
  std::int64_t free_us_ = 0; // when the bottleneck has sent all it has queued
  std::int64_t last_us_ = 0; // the last leaving time given
};

} // namespace viadux::bench
