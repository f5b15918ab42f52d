// WebSocket frames made by hand, so that the wire is what is tested (RFC 6455).
#pragma once

#include "raw_client.hpp"

#include <string>

namespace viadux {

struct Frame {
  int opcode = -1; // -1: nothing came
  std::string payload;
};

inline std::string frame(int opcode, const std::string& payload, bool masked = true, bool final = true) {
  std::string bytes(1, static_cast<char>((final ? 0x80 : 0) | opcode));
  const char mask_bit = masked ? static_cast<char>(0x80) : 0;
  if (payload.size() < 126) {
    bytes += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else {
    const bool is_short = payload.size() < 65536; // the shortest form is demanded (RFC 6455, 5.2)
    bytes += static_cast<char>(mask_bit | (is_short ? 126 : 127));
    for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8)
      bytes += static_cast<char>(payload.size() >> shift);
  }
  if (!masked) return bytes + payload;
  const std::string mask = "\x12\x34\x56\x78";
  bytes += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
  return bytes;
}

inline Frame read_frame(RawClient& client) {
  const std::string head = client.take(2);
  if (head.size() < 2) return {};
  std::size_t size = static_cast<unsigned char>(head[1]) & 0x7f;
  const int more = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (more != 0) {
    size = 0;
    for (const char c : client.take(static_cast<std::size_t>(more)))
      size = size << 8 | static_cast<unsigned char>(c);
  }
  return {head[0] & 0x0f, client.take(size)};
}

inline int close_code(const Frame& close) {
  return close.payload.size() < 2 ? 0
                                  : static_cast<unsigned char>(close.payload[0]) * 256 +
                                        static_cast<unsigned char>(close.payload[1]);
}

// Asks for a WebSocket, with the key of RFC 6455, 1.3.
inline std::string upgrade_request(const std::string& path, const std::string& headers = {}) {
  return "GET " + path +
         " HTTP/1.1\r\nHost: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         headers + "\r\n";
}

} // namespace viadux
