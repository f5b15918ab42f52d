// Timers of a worker: 1 ms steps, no allocation, O(1) to start and cancel. [worker]
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

namespace viadux {

class TimerWheel;

// One timer, a member of what it serves: its end cancels it. Must end before its wheel does.
class Timer {
 public:
  Timer(TimerWheel& wheel, std::function<void()> fire) : wheel_(wheel), fire_(std::move(fire)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Fires once, `delay_us` after the wheel's time, rounded up to the next millisecond; never early, never
  // within this call. Starting a running timer moves it. It may be started again, or destroyed, by what it
  // fires.
  void start(std::int64_t delay_us);
  void cancel();
  bool running() const { return prev_ != nullptr; }

 private:
  friend class TimerWheel;
  TimerWheel& wheel_;
  std::function<void()> fire_;
  std::int64_t deadline_ms_ = 0;
  Timer* next_ = nullptr;
  Timer** prev_ = nullptr; // whoever points at us; null while not running
};

class TimerWheel {
 public:
  explicit TimerWheel(std::int64_t now_us) : now_us_(now_us), tick_ms_(now_us / 1000) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Moves time on and fires what is due, in the order of the deadlines for steps under slot_count
  // milliseconds.
  void advance(std::int64_t now_us);
  std::int64_t now_us() const { return now_us_; }
  // Microseconds from now to the next moment that advance() should be called, at most `limit_us`.
  std::int64_t until_next_us(std::int64_t limit_us) const;

 private:
  friend class Timer;
  static constexpr std::size_t slot_count = 4096; // a power of two; longer timers go round more than once
  void insert(Timer& timer, std::int64_t deadline_ms);
  void remove(Timer& timer);
  void fire_slot(std::size_t slot);

  std::int64_t now_us_;
  std::int64_t tick_ms_; // all deadlines up to this one have fired
  std::array<Timer*, slot_count> slots_{};
  std::array<std::uint64_t, slot_count / 64> occupied_{}; // a bit per slot that may hold a timer
};

} // namespace viadux
