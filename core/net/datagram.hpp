// What a worker hands up: batches of datagrams.
#pragma once

#include "core/net/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace viadux {

// The largest packet we send, its SRTP tag included, and the most packets that are received in one batch.
inline constexpr std::size_t max_packet_size = 1600;
inline constexpr std::size_t max_batch = 64;

// One packet: a UDP datagram or an RFC 4571 frame. The bytes are the worker's; the receiver may change them
// in place (decryption) and has them until on_datagrams() returns.
struct Datagram {
  std::uint8_t* data = nullptr;
  std::uint16_t size = 0;
  Path path;
};

class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  // [worker] 1 to max_batch datagrams in the order of their arrival; they arrived at Worker::now_us().
  virtual void on_datagrams(std::span<Datagram> batch) = 0;
  // [worker] The TCP connection of this path has ended; the path is already unbound.
  virtual void on_path_closed(const Path& /*path*/) {}
};

} // namespace viadux
