// The way from http threads to the control thread, which can be shut: after the server is gone nothing of it
// runs.
#pragma once

#include "core/control/loop.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

namespace viadux::http_detail {

class ControlGate : public std::enable_shared_from_this<ControlGate> {
 public:
  explicit ControlGate(ControlLoop& loop) : loop_(loop) {}

  // [any thread] False when the loop is full or the gate is shut; the task is then dropped.
  bool post(std::function<void()> task) {
    if (!open_) return false;
    return loop_.post([gate = shared_from_this(), task = std::move(task)] {
      gate->run_kept();
      if (gate->open_) task();
    });
  }
  // [any thread] For what must not be lost (somebody left): when the loop is full it waits for the next task
  // of ours that gets through.
  void post_surely(std::function<void()> task) {
    if (post(task) || !open_) return;
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::move(task));
  }
  // [control] Nothing posted before runs after this.
  void shut() {
    open_ = false;
    const std::lock_guard lock(mutex_);
    kept_.clear();
  }
  const Clock& clock() const { return loop_.clock(); }

 private:
  void run_kept() {
    std::deque<std::function<void()>> kept;
    {
      const std::lock_guard lock(mutex_);
      kept.swap(kept_);
    }
    for (const auto& task : kept)
      if (open_) task();
  }

  ControlLoop& loop_;
  std::atomic<bool> open_ = true;
  std::mutex mutex_;
  std::deque<std::function<void()>> kept_;
};

} // namespace viadux::http_detail
