// How sound and picture of one participant stay together though they are mixed by two threads: the sound's
// says how late it plays what was captured, the picture's waits for that. [each member says which thread]
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace viadux::mixer {

// Of one participant.
class LipSync {
 public:
  static constexpr std::int64_t fresh_us = 1'000'000;

  // [codec] What is mixed at `now_us` was captured so long ago, on the media clock.
  void tell(std::int64_t delay_us, std::int64_t now_us) {
    delay_us_.store(delay_us, std::memory_order_relaxed);
    told_us_.store(now_us, std::memory_order_relaxed);
  }
  // [picture] Nothing while there is no sound: then nothing has to wait for it.
  std::optional<std::int64_t> delay_us(std::int64_t now_us) const {
    if (now_us - told_us_.load(std::memory_order_relaxed) > fresh_us) return std::nullopt;
    return delay_us_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> delay_us_{0};
  std::atomic<std::int64_t> told_us_{INT64_MIN / 2};
};

// [control] The same one for all who ask for the same owner, as long as anybody has it.
class LipSyncs {
 public:
  std::shared_ptr<LipSync> of(std::uint64_t owner) {
    std::erase_if(all_, [](const auto& each) { return each.second.expired(); });
    auto& kept = all_[owner];
    auto found = kept.lock();
    if (!found) kept = found = std::make_shared<LipSync>();
    return found;
  }

 private:
  std::map<std::uint64_t, std::weak_ptr<LipSync>> all_;
};

// Where a sender's RTP clock stands on the media clock, by its sender reports (RFC 3550 section 6.4.1).
class CaptureClock {
 public:
  explicit CaptureClock(std::uint32_t hz) : hz_(hz) {}
  void set(std::uint32_t timestamp, std::int64_t media_us) {
    known_ = true;
    timestamp_ = timestamp;
    media_us_ = media_us;
  }
  // Nothing before the first report.
  std::optional<std::int64_t> captured_us(std::uint32_t timestamp) const {
    if (!known_) return std::nullopt;
    const auto ticks = static_cast<std::int32_t>(timestamp - timestamp_);
    return media_us_ + std::int64_t{ticks} * 1'000'000 / hz_;
  }

 private:
  std::uint32_t hz_;
  bool known_ = false;
  std::uint32_t timestamp_ = 0;
  std::int64_t media_us_ = 0;
};

} // namespace viadux::mixer
