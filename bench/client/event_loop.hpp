// One thread, one epoll, timers in microseconds. Everything in the synthetic peer runs here.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <set>
#include <utility>

struct epoll_event;

namespace viadux::bench {

class EventLoop;

// Told when a descriptor is ready. May unwatch or destroy itself (or any other) from on_events.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_events(std::uint32_t events) = 0;
};

// Fires once at a time; destroying it cancels it. The callback may start it again.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> callback) : loop_(loop), callback_(std::move(callback)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start_at(std::int64_t time_us);
  void cancel();
  bool armed() const { return armed_; }

 private:
  friend class EventLoop;
  EventLoop& loop_;
  std::function<void()> callback_;
  std::int64_t time_us_ = 0;
  bool armed_ = false;
};

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  static std::int64_t now_us(); // CLOCK_MONOTONIC, read now

  void watch(int fd, std::uint32_t events, Watcher* watcher); // again with other events: changes them
  void unwatch(int fd, Watcher* watcher);

  void run();
  void stop() { stopped_ = true; }

  // co_await loop.sleep_us(n)
  auto sleep_us(std::int64_t duration_us);
  // bool in_time = co_await loop.ready(fd, EPOLLIN, deadline_us)
  auto ready(int fd, std::uint32_t events, std::int64_t deadline_us);

 private:
  friend class Timer;
  void run_timers();
  static constexpr int max_events = 256;

  int epoll_ = -1;
  bool stopped_ = false;
  std::set<std::pair<std::int64_t, Timer*>> timers_;
  epoll_event* events_ = nullptr; // what the running dispatch has still to deliver
  int event_count_ = 0;
};

class SleepAwaiter {
 public:
  SleepAwaiter(EventLoop& loop, std::int64_t duration_us)
      : until_us_(EventLoop::now_us() + duration_us), timer_(loop, [this] { waiting_.resume(); }) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting_ = handle;
    timer_.start_at(until_us_);
  }
  void await_resume() const {}

 private:
  std::int64_t until_us_;
  std::coroutine_handle<> waiting_;
  Timer timer_;
};

class ReadyAwaiter final : public Watcher {
 public:
  ReadyAwaiter(EventLoop& loop, int fd, std::uint32_t events, std::int64_t deadline_us)
      : loop_(loop), fd_(fd), wanted_(events), deadline_us_(deadline_us),
        timer_(loop, [this] { finish(false); }) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting_ = handle;
    loop_.watch(fd_, wanted_, this);
    timer_.start_at(deadline_us_);
  }
  bool await_resume() const { return in_time_; }
  void on_events(std::uint32_t) override { finish(true); }

 private:
  void finish(bool in_time) {
    in_time_ = in_time;
    loop_.unwatch(fd_, this);
    timer_.cancel();
    waiting_.resume(); // destroys this
  }
  EventLoop& loop_;
  int fd_;
  std::uint32_t wanted_;
  std::int64_t deadline_us_;
  bool in_time_ = false;
  std::coroutine_handle<> waiting_;
  Timer timer_;
};

inline auto EventLoop::sleep_us(std::int64_t duration_us) {
  return SleepAwaiter(*this, duration_us);
}
inline auto EventLoop::ready(int fd, std::uint32_t events, std::int64_t deadline_us) {
  return ReadyAwaiter(*this, fd, events, deadline_us);
}

} // namespace viadux::bench
