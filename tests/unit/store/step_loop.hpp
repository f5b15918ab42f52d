// A control loop on the real clock that a test turns by hand: posts come from the storage thread too.
#pragma once

#include "core/control/loop.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace viadux {

class StepLoop final : public ControlLoop {
 public:
  bool post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    if (refuse_) return false;
    tasks_.push_back(std::move(task));
    changed_.notify_one();
    return true;
  }
  TimerId after(std::int64_t /*delay_us*/, std::function<void()> /*task*/) override { return ++timers_; }
  void cancel(TimerId /*timer*/) override {}
  const Clock& clock() const override { return clock_; }
  bool on_control_thread() const override { return std::this_thread::get_id() == control_; }

  void refuse_posts(bool refuse) {
    const std::lock_guard lock(mutex_);
    refuse_ = refuse;
  }
  // Runs tasks until `done` is true; false after `most_ms`.
  template <class Done>
  bool run_until(Done done, int most_ms = 20'000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(most_ms);
    while (!done()) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_until(lock, end, [this] { return !tasks_.empty(); })) return false;
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
    return true;
  }

 private:
  SystemClock clock_;
  const std::thread::id control_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool refuse_ = false;
  TimerId timers_ = 0;
};

} // namespace viadux
