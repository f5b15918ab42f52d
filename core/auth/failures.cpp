#include "core/auth/failures.hpp"

#include <algorithm>

namespace viadux {

std::int64_t Failures::add(std::string_view source, std::int64_t now_us) {
  source = source.substr(0, 128); // whoever names sources, their names stay small
  const auto found = by_source_.find(source);
  if (found != by_source_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  } else {
    if (entries_.size() >= limits_.sources) {
      by_source_.erase(entries_.back().source);
      entries_.pop_back();
    }
    entries_.push_front(Entry{std::string(source)});
    by_source_.emplace(entries_.front().source, entries_.begin());
  }
  Entry& entry = entries_.front();
  if (now_us - entry.last_us > limits_.forget_us) entry.count = 0;
  entry.last_us = now_us;
  ++entry.count;
  if (entry.count <= limits_.free) return 0;
  const std::uint32_t doublings = std::min<std::uint32_t>(entry.count - limits_.free - 1, 30);
  const std::int64_t delay = std::min(limits_.first_delay_us << doublings, limits_.most_delay_us);
  entry.until_us = now_us + delay;
  return delay;
}

std::int64_t Failures::wait_us(std::string_view source, std::int64_t now_us) const {
  const auto found = by_source_.find(source.substr(0, 128));
  return found == by_source_.end() ? 0 : std::max<std::int64_t>(0, found->second->until_us - now_us);
}

} // namespace viadux
