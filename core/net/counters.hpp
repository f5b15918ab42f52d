// What a worker counts. One thread writes, any thread may read at any time.
#pragma once

#include <atomic>
#include <cstdint>

namespace viadux {

// Costs the writer a plain add: with one writer no read-modify-write instruction is needed.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct WorkerCounters {
  Counter turns;
  Counter packets_in;
  Counter bytes_in;
  Counter batches_in; // recvmmsg calls that brought something
  Counter packets_out;
  Counter bytes_out;
  Counter messages_out;      // what the kernel was given: a GSO run is one message
  Counter gso_packets_out;   // packets that went out as part of a GSO run of two or more
  Counter gso_fallbacks;     // runs that the kernel refused and that were sent one by one
  Counter drop_truncated;    // in: larger than our buffers
  Counter drop_unknown;      // in: no sink knows this sender
  Counter drop_send_full;    // out: the socket's buffer was full (EAGAIN, ENOBUFS)
  Counter drop_send_error;   // out: any other error
  Counter drop_stale_socket; // out: the socket was closed meanwhile
  Counter drop_tcp_backlog;  // out: a TCP peer reads too slowly
  Counter tcp_accepted;
  Counter tcp_refused;    // limit reached, no STUN in time, or a malformed frame
  Counter steps_deferred; // handshake steps put off to the next turn
};

} // namespace viadux
