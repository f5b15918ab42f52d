#include "core/net/worker.hpp"

#include "core/net/worker_state.hpp"

#include <algorithm>
#include <cassert>
#include <random>
#include <unistd.h>

namespace viadux {

Result<std::unique_ptr<Worker>> Worker::create(const WorkerConfig& config, const Clock& clock) {
  auto listeners = open_listeners(config);
  if (!listeners) return listeners.error();
  auto state = std::make_unique<State>(config, clock, std::random_device{}());
  state->adopt(std::move(*listeners));
  return std::unique_ptr<Worker>(new Worker(std::move(state)));
}

Worker::Worker(std::unique_ptr<State> state) : state_(std::move(state)) {}

Worker::~Worker() {
  stop();
}

void Worker::start() {
  State& s = *state_;
  assert(!s.thread.joinable());
  s.thread = std::thread([&s] {
    s.thread_id.store(std::this_thread::get_id());
    while (!s.stopping.load(std::memory_order_acquire))
      s.turn(1'000'000);
    // What was posted before stop() still runs, however much it is.
    while (s.run_tasks()) {
    }
    s.output.flush();
  });
}

void Worker::stop() {
  State& s = *state_;
  s.accepting.store(false, std::memory_order_release);
  if (s.thread.joinable()) {
    s.stopping.store(true, std::memory_order_release);
    s.wake();
    s.thread.join();
  }
}

void Worker::turn(std::int64_t wait_us) {
  assert(!state_->thread.joinable());
  state_->thread_id.store(std::this_thread::get_id());
  state_->turn(wait_us);
}

bool Worker::post(Task task) {
  if (!state_->accepting.load(std::memory_order_acquire) || !state_->commands.push(task)) return false;
  state_->wake();
  return true;
}

void Worker::wake() {
  state_->wake();
}

bool Worker::on_worker_thread() const {
  return state_->thread_id.load() == std::this_thread::get_id();
}

std::uint32_t Worker::index() const {
  return state_->config.index;
}
std::uint16_t Worker::port() const {
  return state_->port;
}
const WorkerCounters& Worker::counters() const {
  return state_->counters;
}
std::uint64_t Worker::refused_tasks() const {
  return state_->commands.refused();
}
const std::vector<IpAddress>& Worker::addresses() const {
  return state_->addresses;
}

std::int64_t Worker::cpu_time_us() const {
  clockid_t clock;
  timespec time{};
  if (!state_->thread.joinable()) return 0;
  if (pthread_getcpuclockid(state_->thread.native_handle(), &clock) != 0) return 0;
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

std::int64_t Worker::now_us() const {
  return state_->now_us;
}
TimerWheel& Worker::timers() {
  return state_->timers;
}
SendRing& Worker::output() {
  return state_->output;
}

void Worker::set_unknown_sink(DatagramSink* sink) {
  state_->dispatcher.set_unknown_sink(sink);
}

void Worker::bind(const Path& path, DatagramSink& sink) {
  if (Socket* const socket = state_->sockets.find(path.socket)) socket->bound = true;
  state_->dispatcher.bind(path, sink);
}

void Worker::unbind(const Path& path) {
  state_->dispatcher.unbind(path);
}

bool Worker::is_tcp(SocketId id) const {
  const Socket* const socket = state_->sockets.find(id);
  return socket && socket->tcp;
}

void Worker::close_tcp(SocketId socket) {
  state_->request_close(socket);
}

std::size_t Worker::backlog_bytes(SocketId id) const {
  const Socket* const socket = state_->sockets.find(id);
  return socket && socket->tcp ? socket->tcp->backlog() : 0;
}

Result<RtpPort> Worker::open_rtp_port(const PortRange& range, const IpAddress& address, DatagramSink& sink) {
  const IpAddress local = address == IpAddress() ? IpAddress::v4({0, 0, 0, 0}) : address;
  // Workers begin apart from each other, so that they do not try the same ports.
  auto pair = open_udp_pair(range, local, state_->next_rtp_pair++ + 97 * state_->config.index);
  if (!pair) return pair.error();
  RtpPort port;
  port.port = pair->port;
  port.rtp = state_->sockets.add_udp(pair->rtp, local.is_any(), &sink);
  port.rtcp = state_->sockets.add_udp(pair->rtcp, local.is_any(), &sink);
  if (port.rtp != 0 && port.rtcp != 0) return port;
  close_rtp_port(port);
  return make_error(ErrorCode::busy, "no_socket", "the worker has no room for another socket");
}

void Worker::set_rtp_port_sink(const RtpPort& port, DatagramSink& sink) {
  for (const SocketId id : {port.rtp, port.rtcp})
    if (Socket* const socket = state_->sockets.find(id)) socket->owner = &sink;
}

void Worker::close_rtp_port(const RtpPort& port) {
  state_->sockets.remove(port.rtp);
  state_->sockets.remove(port.rtcp);
}

void Worker::add_turn_hook(TurnHook& hook) {
  state_->hooks.push_back(&hook);
}

// Nulled, not erased: the list may be in use.
void Worker::remove_turn_hook(TurnHook& hook) {
  std::replace(state_->hooks.begin(), state_->hooks.end(), &hook, static_cast<TurnHook*>(nullptr));
}

void Worker::request_step(LimitedStep& step) {
  auto& steps = state_->steps;
  if (std::find(steps.begin(), steps.end(), &step) == steps.end()) steps.push_back(&step);
}

void Worker::withdraw_step(LimitedStep& step) {
  std::erase(state_->steps, &step);
}

} // namespace viadux
