// The real control thread: one Boost.Asio io_context run by one thread.
#pragma once

#include "core/control/loop.hpp"

#include <cstddef>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace viadux {

class AsioLoop final : public ControlLoop {
 public:
  // At most `queue_limit` tasks wait at a time.
  explicit AsioLoop(std::size_t queue_limit = 65536);
  ~AsioLoop() override;

  // Runs on the calling thread, which becomes the control thread, until stop().
  void run();
  // [any thread] Makes run() return; tasks not yet run are dropped.
  void stop();

  bool post(std::function<void()> task) override;
  TimerId after(std::int64_t delay_us, std::function<void()> task) override;
  void cancel(TimerId timer) override;
  const Clock& clock() const override;
  bool on_control_thread() const override;

  // [any thread] Tasks refused because the queue was full.
  std::uint64_t refused() const;
  // [control] For core code that waits on sockets or signals on this thread.
  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace viadux
