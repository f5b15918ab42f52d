#include "core/net/worker_state.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux {

namespace {

constexpr std::uint64_t wake_tag = 1ULL << 32;     // above every SocketId
constexpr std::uint64_t listener_tag = 1ULL << 33; // plus the descriptor
constexpr int max_events = 64;
constexpr int max_tasks_per_turn = 256;
constexpr std::int64_t unbound_tcp_limit_us = 10'000'000;

void poll(int epoll, int descriptor, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
    throw std::runtime_error("epoll refuses a descriptor of a media worker");
}

} // namespace

Descriptor::~Descriptor() {
  if (descriptor_ >= 0) close(descriptor_);
}

Worker::State::State(const WorkerConfig& config_, const Clock& clock_, std::uint64_t seed)
    : config(config_), clock(clock_), epoll(epoll_create1(EPOLL_CLOEXEC)),
      wake_event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), now_us(clock_.now_us()), timers(now_us),
      commands(config_.command_queue), sockets(epoll.get()), dispatcher(seed, counters),
      output(sockets, counters, config_.use_gso, config_.send_many), idle_tcp_timer_(timers, [this] {
        close_idle_tcp();
        idle_tcp_timer_.start(1'000'000);
      }) {
  poll(epoll.get(), wake_event.get(), wake_tag);
}

Worker::State::~State() {
  for (const int listener : tcp_listeners)
    close(listener);
}

void Worker::State::adopt(Listeners listeners) {
  port = listeners.port;
  addresses = std::move(listeners.addresses);
  tcp_listeners = std::move(listeners.tcp);
  for (const auto& udp : listeners.udp)
    sockets.add_udp(udp.descriptor, udp.wildcard, nullptr);
  for (const int listener : tcp_listeners)
    poll(epoll.get(), listener, listener_tag + static_cast<std::uint64_t>(listener));
  if (!tcp_listeners.empty()) idle_tcp_timer_.start(1'000'000);
}

// One write is enough until the worker has seen it.
void Worker::State::wake() {
  if (wake_pending_.exchange(true, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_event.get(), &one, sizeof one);
}

int Worker::State::wait(std::int64_t wait_us) {
  if (!steps.empty()) return 0;
  // Rounded up: waking before a timer is due would be a turn for nothing.
  return static_cast<int>((timers.until_next_us(wait_us) + 999) / 1000);
}

void Worker::State::turn(std::int64_t wait_us) {
  std::array<epoll_event, max_events> events;
  const int ready = epoll_wait(epoll.get(), events.data(), max_events, wait(wait_us));
  now_us = clock.now_us();
  counters.turns.add();
  const auto fired = std::span(events).first(static_cast<std::size_t>(std::max(ready, 0)));
  if (std::any_of(fired.begin(), fired.end(), [](const auto& event) { return event.data.u64 == wake_tag; }))
    take_wake();
  run_tasks();
  timers.advance(now_us);
  for (const epoll_event& event : fired) {
    const std::uint64_t tag = event.data.u64;
    if (tag == wake_tag) continue; // seen to above
    if (tag >= listener_tag) {
      accept_tcp(static_cast<int>(tag - listener_tag));
      continue;
    }
    const auto id = static_cast<SocketId>(tag);
    const Socket* const socket = sockets.find(id);
    if (socket && socket->tcp)
      receive_tcp(id, event.events);
    else if (socket)
      receive_udp(id, *socket);
  }
  run_steps();
  run_hooks();
  output.flush();
  close_requested();
  if (output.queued_packets() > 0) output.flush(); // what the closing of a path made someone say
}

// Before the queues are read, so that what is put there later wakes us again.
void Worker::State::take_wake() {
  std::uint64_t seen;
  [[maybe_unused]] const auto size = read(wake_event.get(), &seen, sizeof seen);
  wake_pending_.exchange(false, std::memory_order_acq_rel);
}

bool Worker::State::run_tasks() {
  Task task;
  int ran = 0;
  for (; ran < max_tasks_per_turn && commands.pop(task); ++ran)
    task();
  if (ran == max_tasks_per_turn) wake(); // media first, the rest in the next turn
  return ran > 0;
}

void Worker::State::receive_udp(SocketId id, const Socket& socket) {
  const auto batch = receiver.receive(socket.descriptor, id, socket.wildcard, counters);
  if (!batch.empty()) dispatcher.dispatch(batch, socket.owner);
}

// One read a turn, so that a flooding stream does not starve the others.
void Worker::State::receive_tcp(SocketId id, std::uint32_t events) {
  TcpConnection& connection = *sockets.find(id)->tcp;
  if (events & EPOLLOUT) {
    if (!connection.flush()) return request_close(id);
    if (connection.backlog() == 0) sockets.watch_writable(id, false);
  }
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
  const bool alive = connection.read();
  std::array<Datagram, max_batch> batch;
  for (std::size_t count = max_batch; count == max_batch;) {
    count = 0;
    while (count < max_batch) {
      const auto frame = connection.frames().next();
      if (!frame) break;
      batch[count++] = {
          frame->data(), static_cast<std::uint16_t>(frame->size()), {id, connection.remote(), {}}};
      counters.bytes_in.add(frame->size());
    }
    counters.packets_in.add(count);
    if (count > 0) dispatcher.dispatch(std::span(batch).first(count), nullptr);
  }
  if (connection.frames().broken()) counters.tcp_refused.add();
  if (!alive || connection.frames().broken()) request_close(id);
}

void Worker::State::accept_tcp(int listener) {
  for (int accepted = 0; accepted < 16; ++accepted) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int descriptor =
        accept4(listener, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    if (sockets.tcp_count() >= config.max_tcp_connections) {
      counters.tcp_refused.add();
      close(descriptor);
      continue;
    }
    const int on = 1; // media does not wait to fill segments
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    counters.tcp_accepted.add();
    sockets.add_tcp(std::make_unique<TcpConnection>(descriptor, Endpoint::from_sockaddr(from), now_us));
  }
}

void Worker::State::request_close(SocketId id) {
  const Socket* const socket = sockets.find(id);
  if (socket && socket->tcp && std::find(closing_.begin(), closing_.end(), id) == closing_.end())
    closing_.push_back(id);
}

void Worker::State::close_requested() {
  while (!closing_.empty()) {
    const SocketId id = closing_.back();
    closing_.pop_back();
    const Socket* const socket = sockets.find(id);
    if (!socket) continue;
    const Path path{id, socket->tcp->remote(), {}};
    DatagramSink* const sink = dispatcher.find(path);
    dispatcher.unbind(path);
    sockets.remove(id);
    if (sink) sink->on_path_closed(path);
  }
}

// Who has connected must soon show a check that some transport knows.
void Worker::State::close_idle_tcp() {
  sockets.each_tcp([this](SocketId id, const Socket& socket) {
    if (socket.bound || now_us - socket.tcp->accepted_us() < unbound_tcp_limit_us) return;
    counters.tcp_refused.add();
    request_close(id);
  });
}

void Worker::State::run_steps() {
  for (int ran = 0; ran < max_steps_per_turn && !steps.empty(); ++ran) {
    LimitedStep* const step = steps.front();
    steps.pop_front();
    step->run_step();
  }
  counters.steps_deferred.add(steps.size());
}

void Worker::State::run_hooks() {
  for (std::size_t i = 0; i < hooks.size(); ++i)
    if (hooks[i]) hooks[i]->on_turn_end();
  std::erase(hooks, nullptr);
}

} // namespace viadux
