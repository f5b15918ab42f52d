// The inside of a worker: what one turn goes through. For worker.cpp and worker_state.cpp only.
#pragma once

#include "core/net/dispatcher.hpp"
#include "core/net/listeners.hpp"
#include "core/net/socket_table.hpp"
#include "core/net/udp_socket.hpp"
#include "core/net/worker.hpp"

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

namespace viadux {

// A descriptor that closes itself; declared before what uses it.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct Worker::State {
  State(const WorkerConfig& config_, const Clock& clock_, std::uint64_t seed);
  ~State();

  void adopt(Listeners listeners);
  void turn(std::int64_t wait_us);
  // Runs what is posted, up to a bound. True where something ran.
  bool run_tasks();
  // [any thread]
  void wake();
  // Closes a TCP connection at the end of the turn: someone up the stack may be reading its frames.
  void request_close(SocketId id);

  const WorkerConfig config;
  const Clock& clock;
  WorkerCounters counters;
  Descriptor epoll;
  Descriptor wake_event;
  std::vector<int> tcp_listeners;
  std::vector<IpAddress> addresses;
  std::uint16_t port = 0;
  std::int64_t now_us;
  TimerWheel timers;
  CommandQueue commands;
  SocketTable sockets;
  DatagramDispatcher dispatcher;
  UdpReceiver receiver;
  SendRing output;
  std::vector<TurnHook*> hooks;
  std::deque<LimitedStep*> steps;
  std::uint32_t next_rtp_pair = 0;

  std::thread thread;
  std::atomic<std::thread::id> thread_id{};
  std::atomic<bool> accepting{true};
  std::atomic<bool> stopping{false};

 private:
  int wait(std::int64_t wait_us);
  void take_wake();
  void receive_udp(SocketId id, const Socket& socket);
  void receive_tcp(SocketId id, std::uint32_t events);
  void accept_tcp(int listener);
  void close_requested();
  void close_idle_tcp();
  void run_steps();
  void run_hooks();

  std::atomic<bool> wake_pending_{false};
  std::vector<SocketId> closing_;
  Timer idle_tcp_timer_;
};

} // namespace viadux
