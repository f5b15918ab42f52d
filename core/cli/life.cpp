#include "core/cli/life.hpp"

#include "core/log/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <systemd/sd-daemon.h>

namespace viadux {

struct Life::State : std::enable_shared_from_this<Life::State> {
  State(AsioLoop& of, LifeCallbacks told)
      : loop(of), callbacks(std::move(told)), signals(of.context(), SIGHUP, SIGTERM, SIGINT) {}

  void wait() {
    // Weakly: the waiting handler belongs to `signals`, and so to us.
    signals.async_wait([weak = weak_from_this()](boost::system::error_code error, int number) {
      const std::shared_ptr<State> self = weak.lock();
      if (error || !self || self->ended) return;
      self->wait(); // before the callback, which may end us
      self->take(number);
    });
  }

  void take(int number) {
    if (number == SIGHUP) {
      log_info("life", "reload asked for by SIGHUP");
      return callbacks.reload();
    }
    const bool again = std::exchange(draining, true);
    log_info("life", again ? "stopping at once" : "draining",
             {{"signal", number == SIGINT ? "SIGINT" : "SIGTERM"}});
    again ? callbacks.stop_now() : callbacks.drain();
  }

  void start_watchdog() {
    std::uint64_t interval_us = 0;
    if (sd_watchdog_enabled(0, &interval_us) <= 0 || interval_us == 0) return;
    half_us = static_cast<std::int64_t>(interval_us / 2);
    feed();
  }

  void feed() {
    (void)sd_notify(0, "WATCHDOG=1");
    timer = loop.after(half_us, [self = weak_from_this()] {
      if (const auto alive = self.lock(); alive && !alive->ended) alive->feed();
    });
  }

  AsioLoop& loop;
  LifeCallbacks callbacks;
  boost::asio::signal_set signals;
  std::int64_t half_us = 0;
  TimerId timer = 0;
  bool draining = false;
  bool ended = false;
};

Life::Life(AsioLoop& loop, LifeCallbacks callbacks)
    : state_(std::make_shared<State>(loop, std::move(callbacks))) {
  state_->wait();
  state_->start_watchdog();
}

Life::~Life() {
  state_->ended = true;
  state_->loop.cancel(state_->timer);
  boost::system::error_code ignored;
  state_->signals.clear(
      ignored); // the signals' own actions are back at once, not when the last handler has run
}

void Life::ready(const std::string& status) {
  (void)sd_notifyf(0, "READY=1\nSTATUS=%s", status.c_str());
}

void Life::reloading() {
  // sd_notify(3): with Type=notify-reload systemd wants the monotonic time of the beginning.
  const auto now_us = static_cast<long long>(state_->loop.clock().now_us());
  (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", now_us);
}

void Life::stopping(const std::string& status) {
  (void)sd_notifyf(0, "STOPPING=1\nSTATUS=%s", status.c_str());
}

} // namespace viadux
