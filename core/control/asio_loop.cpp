#include "core/control/asio_loop.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <thread>

namespace viadux {

struct AsioLoop::State {
  explicit State(std::size_t limit) : queue_limit(limit) {}

  SystemClock clock;
  const std::size_t queue_limit;
  std::atomic<std::size_t> queued = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::thread::id> thread;
  boost::asio::io_context context{1};
  TimerId last_timer = 0;
  std::map<TimerId, boost::asio::steady_timer> timers;
};

AsioLoop::AsioLoop(std::size_t queue_limit) : state_(std::make_unique<State>(queue_limit)) {}
AsioLoop::~AsioLoop() = default;

void AsioLoop::run() {
  state_->thread = std::this_thread::get_id();
  auto keep_running = boost::asio::make_work_guard(state_->context);
  state_->context.run();
}

void AsioLoop::stop() {
  state_->context.stop();
}

bool AsioLoop::post(std::function<void()> task) {
  State& state = *state_;
  if (state.context.stopped() || state.queued.fetch_add(1) >= state.queue_limit) {
    if (!state.context.stopped()) state.queued.fetch_sub(1);
    state.refused.fetch_add(1);
    return false;
  }
  boost::asio::post(state.context, [&state, task = std::move(task)] {
    state.queued.fetch_sub(1);
    task();
  });
  return true;
}

TimerId AsioLoop::after(std::int64_t delay_us, std::function<void()> task) {
  State& state = *state_;
  const TimerId id = ++state.last_timer;
  auto [entry, inserted] =
      state.timers.emplace(id, boost::asio::steady_timer(state.context, std::chrono::microseconds(delay_us)));
  entry->second.async_wait([&state, id, task = std::move(task)](boost::system::error_code error) {
    // A cancel that came after expiry but before this handler has already erased the entry.
    if (error || state.timers.erase(id) == 0) return;
    task();
  });
  return id;
}

void AsioLoop::cancel(TimerId timer) {
  state_->timers.erase(timer);
}
const Clock& AsioLoop::clock() const {
  return state_->clock;
}
bool AsioLoop::on_control_thread() const {
  return state_->thread.load() == std::this_thread::get_id();
}
std::uint64_t AsioLoop::refused() const {
  return state_->refused;
}
boost::asio::io_context& AsioLoop::context() {
  return state_->context;
}

} // namespace viadux
