#include "bench/relay/link.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace viadux::bench {
namespace {

struct Unit {
  const char* name;
  double factor;
};

bool read_number(const std::string& text, std::initializer_list<Unit> units, double& out) {
  char* end = nullptr;
  out = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !(out >= 0) || out > 1e12) return false;
  const std::string rest = end;
  for (const auto& unit : units) {
    if (rest != unit.name) continue;
    out *= unit.factor;
    return true;
  }
  return false;
}

bool apply(LinkSettings& settings, const std::string& name, const std::string& value) {
  const std::initializer_list<Unit> share = {{"%", 0.01}, {"", 1}};
  const std::initializer_list<Unit> time = {{"ms", 1000}, {"us", 1}, {"s", 1'000'000}};
  const std::initializer_list<Unit> rate = {{"k", 1000}, {"M", 1'000'000}, {"", 1}};
  double number = 0;
  if (name == "loss" || name == "reorder") {
    if (!read_number(value, share, number) || number > 1) return false;
    (name == "loss" ? settings.loss : settings.reorder) = number;
    return true;
  }
  if (name == "rate") {
    if (!read_number(value, rate, number)) return false;
    settings.rate_bps = static_cast<std::int64_t>(number);
    return true;
  }
  auto* target = name == "delay"    ? &settings.delay_us
                 : name == "jitter" ? &settings.jitter_us
                 : name == "hold"   ? &settings.hold_us
                 : name == "queue"  ? &settings.queue_us
                                    : nullptr;
  if (target == nullptr || !read_number(value, time, number)) return false;
  *target = static_cast<std::int64_t>(number);
  return true;
}

} // namespace

Result<LinkSettings> parse_link(const LinkSettings& before, const std::string& words) {
  auto settings = before;
  std::istringstream in(words);
  std::string word;
  while (in >> word) {
    if (word == "clear") {
      settings = {};
      continue;
    }
    const auto equals = word.find('=');
    if (equals == std::string::npos || !apply(settings, word.substr(0, equals), word.substr(equals + 1)))
      return make_error(
          ErrorCode::bad_argument, "link_setting", "'" + word + "' is no link setting", word,
          "loss=5% reorder=1% hold=20ms delay=40ms jitter=10ms rate=400k queue=300ms, or clear");
  }
  return settings;
}

double Link::chance() { // xorshift64*: the same on every machine, unlike the library's distributions
  random_ ^= random_ >> 12;
  random_ ^= random_ << 25;
  random_ ^= random_ >> 27;
  return static_cast<double>((random_ * 2685821657736338717ULL) >> 11) / 9007199254740992.0;
}

std::optional<std::int64_t> Link::offer(std::int64_t now_us, std::size_t bytes) {
  ++counters_.offered;
  // Always the same number of draws per datagram, so that one setting does not shift the fates of another.
  const bool lost = chance() < settings_.loss;
  const bool held = chance() < settings_.reorder;
  const auto jitter = static_cast<std::int64_t>(chance() * static_cast<double>(settings_.jitter_us));
  if (lost) {
    ++counters_.lost;
    return std::nullopt;
  }
  auto leaves_us = now_us;
  if (settings_.rate_bps > 0) {
    const auto begins_us = std::max(now_us, free_us_);
    if (begins_us - now_us > settings_.queue_us) {
      ++counters_.overflowed;
      return std::nullopt;
    }
    free_us_ = begins_us + static_cast<std::int64_t>(bytes) * 8 * 1'000'000 / settings_.rate_bps;
    leaves_us = free_us_;
  }
  leaves_us += settings_.delay_us + jitter;
  if (held) {
    ++counters_.reordered;
    return leaves_us + settings_.hold_us;
  }
  leaves_us = std::max(leaves_us, last_us_);
  last_us_ = leaves_us;
  return leaves_us;
}

} // namespace viadux::bench
