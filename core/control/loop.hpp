// The control thread, as the rest of the core sees it.
//
// Everything but media, TLS and storage runs here, one thing at a time, and never blocks. Other threads come
// in by post() only. Timers are for control work (seconds); media workers have their own.
#pragma once

#include "core/control/clock.hpp"

#include <cstdint>
#include <functional>

namespace viadux {

using TimerId = std::uint64_t; // 0 is no timer

class ControlLoop {
 public:
  virtual ~ControlLoop() = default;

  // [any thread] Runs `task` on the control thread, later, in the order posted. Returns false, and counts it,
  // when the queue is full or the loop has ended: the task is then dropped unrun.
  virtual bool post(std::function<void()> task) = 0;

  // [control] Runs `task` once after `delay_us`; cancel() before that takes it back. Cancelling an id that
  // has run does nothing.
  virtual TimerId after(std::int64_t delay_us, std::function<void()> task) = 0;
  virtual void cancel(TimerId timer) = 0;

  // [any thread]
  virtual const Clock& clock() const = 0;
  virtual bool on_control_thread() const = 0;
};

} // namespace viadux
