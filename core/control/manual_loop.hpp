// A control loop driven by hand, in virtual time: for tests. Not thread-safe.
#pragma once

#include "core/control/loop.hpp"

#include <deque>
#include <map>

namespace viadux {

class ManualLoop final : public ControlLoop, public Clock {
 public:
  bool post(std::function<void()> task) override {
    tasks_.push_back(std::move(task));
    return true;
  }
  TimerId after(std::int64_t delay_us, std::function<void()> task) override {
    timers_.emplace(std::make_pair(now_us_ + delay_us, ++last_timer_), std::move(task));
    return last_timer_;
  }
  void cancel(TimerId timer) override {
    std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
  }
  const Clock& clock() const override { return *this; }
  bool on_control_thread() const override { return true; }
  std::int64_t now_us() const override { return now_us_; }
  std::int64_t wall_ms() const override { return 1'700'000'000'000 + now_us_ / 1000; }

  // Runs what is posted until nothing is left.
  void run() {
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }
  // Lets `delta_us` pass, running each timer at its time.
  void advance(std::int64_t delta_us) {
    const std::int64_t end = now_us_ + delta_us;
    run();
    while (!timers_.empty() && timers_.begin()->first.first <= end) {
      auto node = timers_.extract(timers_.begin());
      now_us_ = node.key().first;
      node.mapped()();
      run();
    }
    now_us_ = end;
  }

 private:
  std::int64_t now_us_ = 1'000'000;
  TimerId last_timer_ = 0;
  std::deque<std::function<void()>> tasks_;
  std::map<std::pair<std::int64_t, TimerId>, std::function<void()>> timers_;
};

} // namespace viadux
