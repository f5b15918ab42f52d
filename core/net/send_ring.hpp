// What a worker sends in one turn: packets side by side in one preallocated buffer, given to the kernel in as
// few messages as possible. [worker]
//
// Runs of equal-sized packets to one path leave as ONE message with UDP_SEGMENT (the last may be shorter). So
// write each receiver's packets one after another: interleaving receivers gives up two thirds of the speed.
#pragma once

#include "core/net/counters.hpp"
#include "core/net/datagram.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

struct mmsghdr;

namespace viadux {

class SocketTable;
class TcpConnection;

class SendRing {
 public:
  using SendMany = int (*)(int socket, mmsghdr* messages, unsigned count,
                           int flags); // ::sendmmsg, or a test's

  SendRing(SocketTable& sockets, WorkerCounters& counters, bool use_gso, SendMany send_many);
  ~SendRing();
  SendRing(const SendRing&) = delete;
  SendRing& operator=(const SendRing&) = delete;

  // Room for one packet of up to max_packet_size bytes, just behind the one before. Valid until the next call
  // of anything here; a second reserve() gives the same room again. Flushes first where the buffer is full;
  // never fails.
  std::span<std::uint8_t> reserve();
  // Queues the first `size` bytes of what reserve() gave. Never fails; what cannot be sent is dropped and
  // counted. `dscp` (RFC 2474, 0 to 63) marks the packet; 0 leaves it as the system has it, and TCP has no
  // marks.
  void commit(std::size_t size, const Path& path, std::uint8_t dscp = 0);
  // Gives all that is queued to the kernel. The worker calls this at the end of each turn.
  void flush();

  std::size_t queued_packets() const { return queued_packets_; }

 private:
  // A run of packets that may leave as one message: all of `segment_size`, but the last, which may be
  // shorter.
  struct Message {
    Path path;
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
    std::uint16_t segment_size = 0;
    std::uint16_t segments = 0;
    std::uint8_t dscp = 0;
    bool open = false; // may grow
  };
  struct Scratch; // the kernel's structures, one set per message of a sendmmsg call

  bool gso_refused(const Path& path) const;
  void flush_udp(int socket, std::span<const Message> messages);
  void send_one_by_one(int socket, const Message& run);
  void flush_tcp(SocketId id, TcpConnection& connection, std::span<const Message> messages);
  void drop_all(std::span<const Message> messages);
  void count_sent(const Message& message);

  SocketTable& sockets_;
  WorkerCounters& counters_;
  const bool use_gso_;
  const SendMany send_many_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t used_ = 0;
  std::size_t queued_packets_ = 0;
  std::vector<Message> messages_;     // capacity is reserved once
  std::vector<Endpoint> gso_refused_; // receivers for which the kernel refused GSO; few, usually none
  std::unique_ptr<Scratch> scratch_;
};

} // namespace viadux
