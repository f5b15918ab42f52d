// The control thread is the test's own: what workers post waits here until the test pumps, in real time.
#pragma once

#include "core/control/loop.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace viadux {

class PumpedLoop final : public ControlLoop {
 public:
  bool post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    return true;
  }
  TimerId after(std::int64_t delay_us, std::function<void()> task) override {
    timers_.emplace(std::make_pair(clock_.now_us() + delay_us, ++last_timer_), std::move(task));
    return last_timer_;
  }
  void cancel(TimerId timer) override {
    std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
  }
  const Clock& clock() const override { return clock_; }
  bool on_control_thread() const override { return std::this_thread::get_id() == thread_; }

  void pump() {
    std::deque<std::function<void()>> ready;
    {
      const std::lock_guard lock(mutex_);
      ready.swap(tasks_);
    }
    for (const auto& task : ready)
      task();
    while (!timers_.empty() && timers_.begin()->first.first <= clock_.now_us()) {
      const auto node = timers_.extract(timers_.begin());
      node.mapped()();
    }
  }

 private:
  SystemClock clock_;
  std::thread::id thread_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
  TimerId last_timer_ = 0;
  std::map<std::pair<std::int64_t, TimerId>, std::function<void()>> timers_;
};

} // namespace viadux
