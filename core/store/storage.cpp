#include "core/store/storage.hpp"

#include "core/log/log.hpp"
#include "core/store/schema.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace viadux::store {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::microseconds;

Result<std::unique_ptr<Connection>> open(const std::string& url) {
  constexpr std::string_view sqlite = "sqlite:";
  if (std::string_view(url).starts_with(sqlite)) return open_sqlite(url.substr(sqlite.size()));
  return open_postgresql(url);
}

// A damaged SQLite file opens well; it is believed again only after it was looked through.
Result<void> check_whole(Connection& connection) {
  if (connection.engine() != Engine::sqlite) return {};
  const auto rows = connection.run("PRAGMA quick_check(1)");
  if (!rows) return rows.error();
  if (rows->rows.size() == 1 && rows->rows[0].text(0) == "ok") return {};
  return make_error(ErrorCode::internal, "storage_corrupt", "the database file is damaged", {},
                    "stop the server, keep a copy of the file, restore the last backup");
}

} // namespace

struct Storage::Impl : std::enable_shared_from_this<Impl> {
  Impl(ControlLoop& l, StorageOptions o) : loop(l), options(std::move(o)) {}

  ControlLoop& loop;
  const StorageOptions options;
  std::function<void(const StorageState&)> listener; // [control]

  // [storage] or, before the thread and without one, [control]
  std::unique_ptr<Connection> connection;
  bool was_corrupt = false;
  std::int64_t back_off_us = 0;
  SteadyClock::time_point next_attempt;

  mutable std::mutex mutex; // for what follows
  std::condition_variable changed;
  std::deque<std::unique_ptr<Job>> queue;
  std::deque<std::unique_ptr<Job>> finished;
  bool drain_posted = false;
  bool stopping = false;
  SteadyClock::time_point stop_by;
  StorageState state{false, "not started"};
  StorageCounters counters;

  std::thread thread;

  Result<void> connect();
  void lose_connection(const Error& why);
  void set_state(bool ready, const std::string& message);
  void work(std::unique_ptr<Job> job);
  void give_back(std::unique_ptr<Job> job);
  void post_drain(std::unique_lock<std::mutex>& lock);
  void drain();
  void main();
  void wait(std::unique_lock<std::mutex>& lock);
};

// ---- the connection [storage]

Result<void> Storage::Impl::connect() {
  auto opened = open(options.url);
  Result<void> ready;
  if (!opened)
    ready = opened.error();
  else if (was_corrupt)
    ready = check_whole(**opened);
  if (ready) ready = migrate(**opened);
  if (!ready) {
    lose_connection(ready.error());
    return ready;
  }
  connection = std::move(*opened);
  was_corrupt = false;
  back_off_us = 0;
  set_state(true, "");
  return ready;
}

void Storage::Impl::lose_connection(const Error& why) {
  connection.reset();
  was_corrupt = was_corrupt || why.reason == "storage_corrupt";
  back_off_us = std::clamp(back_off_us * 2, options.reconnect_min_us, options.reconnect_max_us);
  next_attempt = SteadyClock::now() + microseconds(back_off_us);
  set_state(false, why.message);
}

void Storage::Impl::set_state(bool ready, const std::string& message) {
  StorageState now{ready, message};
  {
    const std::lock_guard lock(mutex);
    if (state.ready == ready && state.message == message) return;
    if (ready && state.message != "not started") ++counters.reconnects;
    state = now;
  }
  if (ready)
    log_info("store", "database ready");
  else
    log_error("store", "database not ready", {{"reason", message}});
  loop.post([self = shared_from_this(), now] {
    if (self->listener) self->listener(now);
  });
}

// ---- work

void Storage::Impl::work(std::unique_ptr<Job> job) {
  const std::int64_t started_us = loop.clock().now_us();
  const std::int64_t waited_us = started_us - job->queued_us;
  bool good = false;
  if (waited_us > options.queue_deadline_us) {
    const std::lock_guard lock(mutex);
    ++counters.timed_out;
    job->fail(make_error(ErrorCode::timeout, "storage_busy", "the database was too slow to answer in time"));
  } else if (!connection) {
    job->fail(make_error(ErrorCode::busy, "storage_unavailable", "the database cannot be reached now", {},
                         "it is tried again by itself; see /readyz"));
  } else {
    good = job->run(*connection);
    if (const std::optional<Error> broken = connection->broken()) lose_connection(*broken);
  }
  {
    const std::lock_guard lock(mutex);
    ++(good ? counters.done : counters.failed);
    counters.waited_us += static_cast<std::uint64_t>(std::max<std::int64_t>(0, waited_us));
    counters.busy_us += static_cast<std::uint64_t>(loop.clock().now_us() - started_us);
  }
  give_back(std::move(job));
}

void Storage::Impl::give_back(std::unique_ptr<Job> job) {
  std::unique_lock lock(mutex);
  finished.push_back(std::move(job));
  post_drain(lock);
}

// One task on the loop for all that is finished. Where the loop is too full to take it, the next result, or
// the thread a little later, tries again: an answer is late then, but never lost.
void Storage::Impl::post_drain(std::unique_lock<std::mutex>& lock) {
  if (drain_posted || finished.empty()) return;
  drain_posted = true;
  lock.unlock();
  const bool posted = loop.post([self = shared_from_this()] { self->drain(); });
  lock.lock();
  if (!posted) drain_posted = false;
}

void Storage::Impl::drain() {
  std::deque<std::unique_ptr<Job>> jobs;
  {
    const std::lock_guard lock(mutex);
    drain_posted = false;
    jobs.swap(finished);
  }
  for (auto& job : jobs)
    job->finish();
}

// ---- the thread

void Storage::Impl::wait(std::unique_lock<std::mutex>& lock) {
  const auto awake = [this] { return stopping || !queue.empty(); };
  if (!connection)
    changed.wait_until(lock, next_attempt, awake);
  else if (!finished.empty() && !drain_posted)
    changed.wait_for(lock, std::chrono::milliseconds(50), awake);
  else
    changed.wait(lock, awake);
}

void Storage::Impl::main() {
  std::unique_lock lock(mutex);
  for (;;) {
    wait(lock);
    post_drain(lock);
    if (!queue.empty() && !(stopping && SteadyClock::now() >= stop_by)) {
      auto job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work(std::move(job));
      lock.lock();
    } else if (stopping) {
      break;
    }
    if (!connection && !stopping && SteadyClock::now() >= next_attempt) {
      lock.unlock();
      static_cast<void>(connect());
      lock.lock();
    }
  }
  while (!queue.empty()) {
    auto job = std::move(queue.front());
    queue.pop_front();
    job->fail(make_error(ErrorCode::cancelled, "server_stopping", "the server stops"));
    finished.push_back(std::move(job));
  }
  post_drain(lock);
  lock.unlock();
  connection.reset();
}

// ---- the public side

Storage::Storage(ControlLoop& loop, StorageOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Storage::~Storage() {
  stop();
}

Result<void> Storage::start() {
  Result<void> connected = impl_->connect();
  if (impl_->options.own_thread) impl_->thread = std::thread([impl = impl_] { impl->main(); });
  return connected;
}

void Storage::stop(std::int64_t grace_us) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->stop_by = SteadyClock::now() + microseconds(grace_us);
  }
  impl_->changed.notify_all();
  if (impl_->thread.joinable()) impl_->thread.join();
}

void Storage::submit(std::unique_ptr<Job> job) {
  job->queued_us = impl_->loop.clock().now_us();
  std::unique_lock lock(impl_->mutex);
  if (impl_->stopping || impl_->queue.size() >= impl_->options.queue_limit) {
    job->fail(impl_->stopping ? make_error(ErrorCode::cancelled, "server_stopping", "the server stops")
                              : make_error(ErrorCode::busy, "storage_busy", "too much waits for the database",
                                           {}, "try again"));
    ++impl_->counters.refused;
    impl_->finished.push_back(std::move(job));
    impl_->post_drain(lock);
    return;
  }
  impl_->queue.push_back(std::move(job));
  lock.unlock();
  impl_->changed.notify_one();
  if (impl_->options.own_thread) return;
  impl_->loop.post([impl = impl_] {
    std::unique_lock inner(impl->mutex);
    if (impl->queue.empty()) return;
    auto next = std::move(impl->queue.front());
    impl->queue.pop_front();
    inner.unlock();
    impl->work(std::move(next));
  });
}

StorageState Storage::state() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->state;
}

StorageCounters Storage::counters() const {
  const std::lock_guard lock(impl_->mutex);
  StorageCounters counters = impl_->counters;
  counters.waiting = impl_->queue.size();
  return counters;
}

void Storage::on_state(std::function<void(const StorageState&)> listener) {
  impl_->listener = std::move(listener);
}

} // namespace viadux::store
