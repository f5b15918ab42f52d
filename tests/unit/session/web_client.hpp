// A WebRTC participant that does what the test says, when it says it: ICE, DTLS, SRTP and the packets are
// those of bench/client, which share no code with the server. Everything that arrives is kept.
#pragma once

#include "bench/client/dtls.hpp"
#include "bench/client/rtcp.hpp"
#include "bench/client/rtp.hpp"
#include "bench/client/sdp.hpp"
#include "bench/client/srtp.hpp"
#include "bench/client/stun.hpp"
#include "tests/unit/net/peer_socket.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace viadux {

using Payload = std::vector<std::uint8_t>;

// A packet of media as it arrived, RTX already unwrapped.
struct Arrival {
  bench::RtpHeader header; // of the original where it came by RTX
  std::string mid;
  Payload payload;
  bool by_rtx = false;
};

// One encoding that the client sends.
struct Source {
  std::size_t line = 0;
  std::uint32_t ssrc = 0, rtx_ssrc = 0;
  std::string rid;
  std::uint16_t sequence = 1000, rtx_sequence = 1, picture_id = 1;
  std::uint32_t timestamp = 90'000, counter = 0, frame = 0;
  std::uint16_t width = 640, height = 360;
  std::map<std::uint16_t, std::pair<bench::RtpHeader, Payload>> sent; // by sequence number
};

class WebClient {
 public:
  explicit WebClient(std::uint32_t seed);
  ~WebClient();
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  // Lines as bench writes them; where they send, sources() has one for each encoding, in that order.
  std::string offer(std::vector<bench::OfferLine> lines);
  void new_ice_credentials(); // before an offer that restarts ICE
  bool accept(const std::string& answer);
  void pump(); // reads what is there and does what is due
  void close_notify() { dtls_->close(); }

  bool connected() const { return srtp_.is_open(); }
  bool closed_by_server() const { return dtls_ && dtls_->state() == bench::DtlsConnection::State::closed; }
  std::uint32_t check_responses() const { return responses_; }
  const std::vector<bench::MediaLine>& answered() const { return answered_; }
  int descriptor() const { return socket_.descriptor(); }
  const std::string& ufrag() const { return ufrag_; }

  std::vector<Source>& sources() { return sources_; }
  Source& source(std::size_t line) {
    for (Source& each : sources_)
      if (each.line == line) return each;
    std::abort();
  }
  void send_frame(Source& source, bool key = false, int packets = 3, std::size_t bytes = 400);
  void send_sound(Source& source, std::uint8_t level = 20);
  void send_voice(Source& source, const Payload& payload, std::uint8_t level); // 20 ms of real Opus
  // Anything at all, protected as RTP or RTCP, or raw.
  void send_packet(const bench::RtpHeader& header, const std::map<std::uint8_t, Payload>& extensions,
                   const Payload& payload);
  void send_rtcp(std::vector<std::uint8_t> packet);
  void send_raw(const Payload& bytes);
  void send_nack(std::uint32_t ssrc, const std::vector<std::uint16_t>& sequences);
  void send_pli(std::uint32_t ssrc);
  void send_remb(std::uint64_t bps, std::uint32_t ssrc);

  // What the network does to us: asked for each packet of media, true loses it.
  std::function<bool(std::uint16_t sequence)> lose_outgoing, lose_incoming;
  bool answers_nacks = true;     // with RTX
  bool asks_for_missing = false; // NACK every 20 ms for holes in what arrives

  std::vector<Arrival> arrived;                    // media with payload
  std::map<std::uint32_t, int> key_frame_requests; // by our SSRC
  std::vector<std::uint64_t> rembs;
  std::set<std::uint16_t> nacked;
  std::vector<std::uint32_t> byes;
  std::set<std::uint32_t> reporters; // SSRCs of sender reports
  int feedback = 0, receiver_reports = 0, not_authentic = 0;

  std::vector<Arrival> of_line(std::size_t line) const; // by the MID that the server writes

 private:
  void on_datagram(std::string datagram);
  void on_media(std::string& datagram);
  void on_rtcp(bench::Bytes compound);
  void on_nack(std::uint32_t ssrc, std::uint16_t sequence);
  void ask_for_missing();
  void check();
  std::map<std::uint8_t, Payload> extensions_for(const Source& source, bool rtx);
  void send_datagram(bench::Bytes bytes);
  Source make_source(std::size_t line, const std::string& kind, const std::string& rid);

  std::mt19937 random_;
  PeerSocket socket_;
  Endpoint server_;
  std::string ufrag_, password_, remote_ufrag_, remote_password_;
  bench::TransactionId transaction_{};
  std::int64_t next_check_us_ = 0, next_nack_us_ = 0;
  bool nominated_ = false;
  std::uint32_t responses_ = 0;
  std::unique_ptr<bench::DtlsConnection> dtls_;
  bench::SrtpPair srtp_;
  bench::RtcpHandler handler_;
  std::vector<bench::MediaLine> answered_;
  std::vector<Source> sources_;
  std::uint16_t transport_sequence_ = 0;
  std::map<std::uint32_t, std::set<std::uint16_t>> seen_; // by the server's SSRC
};

} // namespace viadux
