// A media worker: one thread, its sockets, its timers, its send ring. A media session lives whole on one
// worker.
//
// One turn of its loop: wait; read the clock once; run posted tasks; fire timers; receive a batch from each
// socket that has something and hand it to the sinks; run at most max_steps_per_turn handshake steps; call
// the turn hooks; send.
//
// Threads: [worker] means the worker's own thread (or the one that calls turn() while no thread is started);
// what is marked [any thread] may be called from everywhere.
#pragma once

#include "core/control/clock.hpp"
#include "core/net/command_queue.hpp"
#include "core/net/counters.hpp"
#include "core/net/datagram.hpp"
#include "core/net/endpoint.hpp"
#include "core/net/send_ring.hpp"
#include "core/net/timer_wheel.hpp"

#include <cstdint>
#include <memory>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

struct WorkerConfig {
  std::uint32_t index = 0;
  std::uint16_t base_port = 40000;    // this worker's port is base_port + index; 0 lets the kernel choose one
  std::vector<IpAddress> addresses;   // where to listen; empty is the wildcard address of both families
  bool tcp = true;                    // listen for ICE-TCP on the same port number
  std::size_t command_queue = 4096;   // tasks waiting at most
  int receive_buffer_bytes = 4 << 20; // SO_RCVBUF; a kernel limit below it is tolerated
  int send_buffer_bytes = 4 << 20;    // SO_SNDBUF
  std::size_t max_tcp_connections = 1024;
  bool use_gso = true;
  SendRing::SendMany send_many = nullptr; // tests put an error in here; null is sendmmsg
};

// Called at the end of each turn, before the send ring is flushed: sessions write here what the turn brought.
class TurnHook {
 public:
  virtual ~TurnHook() = default;
  virtual void on_turn_end() = 0; // [worker]
};

// Work that is dear (a DTLS handshake step) and therefore rationed. A step waits in at most one place at a
// time.
class LimitedStep {
 public:
  virtual ~LimitedStep() = default;
  virtual void run_step() = 0; // [worker]
};

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0; // inclusive
};

// A media port without ICE (RFC 3550 section 11: RTP on the even port, RTCP on the next one).
struct RtpPort {
  SocketId rtp = 0;
  SocketId rtcp = 0;
  std::uint16_t port = 0; // of RTP
};

class Worker {
 public:
  static constexpr int max_steps_per_turn = 4;

  // Opens the sockets. Errors: busy (a port is taken), bad_argument (an address is not ours); message says
  // which.
  static Result<std::unique_ptr<Worker>> create(const WorkerConfig& config, const Clock& clock);
  // stop()s. Sinks, hooks and timers must be gone by then.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // [control] Starts and ends the thread. stop() runs what was posted before it, then returns.
  void start();
  void stop();
  // One turn on the calling thread, while no thread is started: for tests, also in virtual time. Waits for
  // something to do for at most `wait_us` of real time.
  void turn(std::int64_t wait_us = 0);

  // [any thread] Runs `task` on the worker in its next turn, in the order posted. False, and counted, when
  // the queue is full or the worker has stopped: the task is then dropped unrun.
  bool post(Task task);
  // [any thread] Makes the worker take a turn soon: for those who fill a queue that a turn hook reads.
  void wake();
  bool on_worker_thread() const;
  std::uint32_t index() const;
  std::uint16_t port() const;             // UDP and TCP
  const WorkerCounters& counters() const; // [any thread]
  std::uint64_t refused_tasks() const;    // [any thread]
  std::int64_t cpu_time_us() const;       // [any thread] CPU time of the started thread so far; else 0
  const std::vector<IpAddress>& addresses() const; // as listened on; wildcards where so configured

  // All below: [worker].
  std::int64_t now_us() const; // the clock as this turn read it
  TimerWheel& timers();
  SendRing& output();

  // Who gets packets of senders that no route knows (ICE: STUN by its ufrag). One per worker; null drops
  // them.
  void set_unknown_sink(DatagramSink* sink);
  // From now on packets that come to `path.socket` from `path.remote` go to `sink`, until unbind(). A TCP
  // connection that is never bound is closed after 10 s.
  void bind(const Path& path, DatagramSink& sink);
  // Also drops what the current batch still holds for this path. A sink unbinds all its paths before it ends.
  void unbind(const Path& path);
  bool is_tcp(SocketId socket) const;
  void close_tcp(SocketId socket); // nothing where it is no TCP connection
  // Bytes waiting in a TCP connection because its peer reads slowly; 0 for UDP.
  std::size_t backlog_bytes(SocketId socket) const;

  // Opens a port pair in the range on `address` (unset: wildcard, IPv4), polled by this worker; all its
  // packets go to `sink`. Errors: busy (no pair is free).
  Result<RtpPort> open_rtp_port(const PortRange& range, const IpAddress& address, DatagramSink& sink);
  void set_rtp_port_sink(const RtpPort& port, DatagramSink& sink);
  void close_rtp_port(const RtpPort& port);

  void add_turn_hook(TurnHook& hook);
  void remove_turn_hook(TurnHook& hook);
  // Runs `step` once, this turn if fewer than max_steps_per_turn ran, else in a later one, first come first
  // served. Asking again before it has run does nothing.
  void request_step(LimitedStep& step);
  void withdraw_step(LimitedStep& step);

 private:
  struct State;
  explicit Worker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace viadux
