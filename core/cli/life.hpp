// The process's life: signals in, systemd told.
#pragma once

#include "core/control/asio_loop.hpp"

#include <functional>
#include <memory>
#include <string>

namespace viadux {

struct LifeCallbacks {
  std::function<void()> reload;   // SIGHUP
  std::function<void()> drain;    // the first SIGTERM or SIGINT: finish what runs, take nothing new
  std::function<void()> stop_now; // the second one
};

// [control] From its making to its end SIGHUP, SIGTERM and SIGINT come as callbacks on the control thread.
class Life {
 public:
  Life(AsioLoop& loop, LifeCallbacks callbacks);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  // sd_notify(3); nothing happens outside systemd. ready() also after a reload. While the control thread
  // turns, WATCHDOG=1 goes out at half the interval that systemd asks for.
  void ready(const std::string& status);
  void reloading();
  void stopping(const std::string& status);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace viadux
