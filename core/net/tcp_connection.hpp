// An accepted ICE-TCP connection (RFC 6544): frames in, frames out, both bounded. [worker]
#pragma once

#include "core/net/endpoint.hpp"
#include "core/net/frame_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace viadux {

class TcpConnection {
 public:
  static constexpr std::size_t max_backlog = 256 * 1024;

  // Takes the descriptor over.
  TcpConnection(int descriptor, const Endpoint& remote, std::int64_t now_us);
  ~TcpConnection();
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  int descriptor() const { return descriptor_; }
  const Endpoint& remote() const { return remote_; }
  std::int64_t accepted_us() const { return accepted_us_; }

  // Reads once. False: the stream has ended or failed.
  bool read();
  FrameReader& frames() { return frames_; }
  // Writes a frame, or keeps what the kernel does not take. False: dropped whole, the backlog is full.
  bool send(std::span<const std::uint8_t> packet);
  // The descriptor is writable again. False: the stream has failed.
  bool flush();
  std::size_t backlog() const { return backlog_.size() - backlog_sent_; }

 private:
  int descriptor_;
  Endpoint remote_;
  std::int64_t accepted_us_;
  FrameReader frames_;
  std::vector<std::uint8_t> backlog_;
  std::size_t backlog_sent_ = 0;
};

} // namespace viadux
