#include "core/mixer/still_maker.hpp"

#include "core/log/log.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace viadux::mixer {
namespace {
constexpr int niceness = 10;
} // namespace

StillMaker::StillMaker()
    : thread_([this] {
        // Linux keeps the niceness of each thread; where it may not be raised all goes on as it is.
        (void)setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), niceness);
        run();
      }) {}

void StillMaker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  asked_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void StillMaker::make(StillStyle style, std::vector<std::string> lines, rtp::Codec codec, Made made) {
  {
    const std::lock_guard lock(mutex_);
    orders_.push_back({std::move(style), std::move(lines), codec, std::move(made)});
  }
  asked_.notify_one();
}

void StillMaker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return stopping_ || !orders_.empty(); });
    if (stopping_) return;
    const Order order = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    if (auto still = make_still(order.style, order.lines, order.codec))
      order.made(std::make_shared<const Still>(std::move(*still)));
    else
      log_warning("mixer", "a still picture could not be made", {{"message", still.error().message}});
    lock.lock();
  }
}

} // namespace viadux::mixer
