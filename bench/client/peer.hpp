// The synthetic WebRTC peer: one UDP socket, a full controlling ICE agent with one pair, DTLS, SRTP, and a
// sender, a receiver or both. It shares no code with the server: a peer that has the server's bugs proves
// nothing.
//
// Everything runs on the event loop's thread; a peer may be destroyed at any time outside of its own
// callbacks.
#pragma once

#include "bench/client/dtls.hpp"
#include "bench/client/event_loop.hpp"
#include "bench/client/ledger.hpp"
#include "bench/client/receiver.hpp"
#include "bench/client/sender.hpp"
#include "bench/client/srtp.hpp"
#include "bench/client/stun.hpp"
#include "bench/relay/link.hpp"

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::bench {

struct PeerSettings {
  std::string setup = "actpass"; // or "active": be the DTLS client whatever happens
  std::optional<PublishSettings> publish;
  int receive_audio = 0; // lines of the offer
  int receive_video = 0;
  ReceiveSettings receive;
  std::optional<LinkSettings> receive_link; // a bad network before our socket, for media only
  std::optional<Candidate> via;             // send here instead of to the server's candidate: a relay
  std::uint32_t seed = 1;
};

class Peer final : public Watcher {
 public:
  enum class State { fresh, checking, handshaking, connected, failed, closed };

  Peer(EventLoop& loop, DtlsContext& dtls, Ledger& ledger, PeerSettings settings);
  ~Peer() override;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::string make_offer();
  Result<void> accept_answer(const std::string& sdp);
  Result<std::string> make_answer(const std::string& offer); // to receive what is offered
  void close();                                              // BYE and DTLS close_notify

  State state() const { return state_; }
  const std::string& failure() const { return failure_; }
  SrtpProfile profile() const { return dtls_ ? dtls_->keys().profile : SrtpProfile::none; }
  Sender* sender() { return sender_.get(); }
  const Receiver& receiver() const { return receiver_; }

  void on_events(std::uint32_t events) override;

 private:
  Result<void> begin_ice(const std::vector<MediaLine>& lines, bool dtls_client);
  LocalTransport local() const;
  void send_check();
  void on_datagram(std::uint8_t* datagram, std::size_t size, std::int64_t now_us);
  void on_stun(Bytes datagram);
  void on_dtls(Bytes datagram);
  void on_media(std::uint8_t* packet, std::size_t size, std::int64_t now_us);
  void on_rtcp(Bytes compound, std::int64_t now_us);
  void on_late();
  void follow_dtls();
  void on_tick();
  void send_datagram(Bytes datagram);
  void send_rtp(std::uint8_t* packet, std::size_t size);
  void send_rtcp(std::uint8_t* packet, std::size_t size);
  void fail(std::string why);

  EventLoop& loop_;
  DtlsContext& dtls_context_;
  Ledger& ledger_;
  PeerSettings settings_;
  State state_ = State::fresh;
  std::string failure_;
  int socket_ = -1;
  std::uint16_t local_port_ = 0;
  std::string ufrag_, password_, remote_ufrag_, remote_password_, remote_fingerprint_;
  bool dtls_client_ = true;
  std::mt19937 random_;
  std::uint64_t tie_breaker_ = 0;
  TransactionId check_{};
  std::int64_t started_us_ = 0, last_check_us_ = 0, last_response_us_ = 0, last_report_us_ = 0;
  std::unique_ptr<DtlsConnection> dtls_;
  SrtpPair srtp_;
  std::unique_ptr<Sender> sender_;
  Receiver receiver_;
  RtcpHandler rtcp_;
  std::optional<Link> link_;
  std::multimap<std::int64_t, std::vector<std::uint8_t>> late_;
  Timer late_timer_, tick_timer_;
};

} // namespace viadux::bench
