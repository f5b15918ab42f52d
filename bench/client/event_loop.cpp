#include "bench/client/event_loop.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <sys/epoll.h>
#include <unistd.h>

namespace viadux::bench {

void Timer::start_at(std::int64_t time_us) {
  cancel();
  time_us_ = time_us;
  armed_ = true;
  loop_.timers_.emplace(time_us_, this);
}

void Timer::cancel() {
  if (!armed_) return;
  loop_.timers_.erase({time_us_, this});
  armed_ = false;
}

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) {
    std::perror("epoll_create1");
    std::abort();
  }
}

EventLoop::~EventLoop() {
  close(epoll_);
}

std::int64_t EventLoop::now_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

void EventLoop::watch(int fd, std::uint32_t events, Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return;
  if (errno == EEXIST && epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0) return;
  std::perror("epoll_ctl");
  std::abort();
}

void EventLoop::unwatch(int fd, Watcher* watcher) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = 0; i < event_count_; ++i)
    if (events_[i].data.ptr == watcher) events_[i].data.ptr = nullptr;
}

void EventLoop::run_timers() {
  const auto now = now_us();
  while (!timers_.empty() && timers_.begin()->first <= now && !stopped_) {
    auto* timer = timers_.begin()->second;
    timers_.erase(timers_.begin());
    timer->armed_ = false;
    timer->callback_(); // may destroy the timer
  }
}

void EventLoop::run() {
  std::array<epoll_event, max_events> events{};
  events_ = events.data();
  stopped_ = false;
  while (!stopped_) {
    run_timers();
    if (stopped_) break;
    timespec wait{1, 0};
    if (!timers_.empty()) {
      auto left_us = timers_.begin()->first - now_us();
      left_us = left_us < 0 ? 0 : left_us > 1'000'000 ? 1'000'000 : left_us;
      wait = {left_us / 1'000'000, left_us % 1'000'000 * 1000};
    }
    event_count_ = epoll_pwait2(epoll_, events.data(), max_events, &wait, nullptr);
    if (event_count_ < 0) event_count_ = 0; // EINTR
    for (int i = 0; i < event_count_ && !stopped_; ++i) {
      const auto ready = events[i];
      if (ready.data.ptr != nullptr) static_cast<Watcher*>(ready.data.ptr)->on_events(ready.events);
    }
    event_count_ = 0;
  }
  events_ = nullptr;
}

} // namespace viadux::bench
