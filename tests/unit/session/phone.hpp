// A SIP unit's media: a UDP socket for RTP and one for RTCP, with SDES keys or none. One media line.
#pragma once

#include "bench/client/bytes.hpp"
#include "bench/client/rtp.hpp"
#include "bench/client/srtp.hpp"
#include "tests/unit/net/peer_socket.hpp"
#include "web_client.hpp"

#include <optional>
#include <string>
#include <vector>

namespace viadux {

class Phone {
 public:
  // `line`: "audio" or "video", which is H.264. `key`: base64 of 30 bytes; empty offers RTP/AVP. `sounds`: 0
  // PCMU, 8 PCMA, 9 G.722, 100 Opus, 101 telephone-event.
  Phone(std::string line, std::string key, std::vector<int> sounds = {0, 100})
      : kind_(std::move(line)), key_(std::move(key)), sounds_(std::move(sounds)) {}

  std::string media_line(const std::string& direction = "sendrecv") const;
  // Takes the `index`-th line of the answer: our port there, and the key that decrypts what comes.
  bool accept(const std::string& answer, std::size_t index);

  void send(std::uint8_t payload_type, std::uint32_t ssrc, std::uint16_t sequence, const Payload& payload) {
    send_from(rtp_, payload_type, ssrc, sequence, payload);
  }
  // As somebody else would, who has the same key.
  void send_from(const PeerSocket& socket, std::uint8_t payload_type, std::uint32_t ssrc,
                 std::uint16_t sequence, const Payload& payload);
  void send_rtcp(const Payload& packet) const; // where there are no keys
  void pump();

  std::uint16_t server_port() const { return server_.port; }
  const PeerSocket& rtp() const { return rtp_; }
  std::vector<Arrival> arrived;
  int not_authentic = 0;
  std::vector<Payload> reports; // RTCP packets, where there are no keys

 private:
  std::string kind_, key_;
  std::vector<int> sounds_;
  PeerSocket rtp_, rtcp_;
  Endpoint server_;
  bench::SrtpPair srtp_;
};

// A session description of SIP with these lines.
std::string sip_offer(const std::vector<std::string>& media_lines);

} // namespace viadux
