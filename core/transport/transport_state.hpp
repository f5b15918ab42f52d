// The inside of a transport. For transport.cpp and transport_receive.cpp only.
#pragma once

#include "core/transport/dtls_session.hpp"
#include "core/transport/ice_agent.hpp"
#include "core/transport/latch.hpp"
#include "core/transport/packet_kind.hpp"
#include "core/transport/srtp_session.hpp"
#include "core/transport/transport.hpp"

#include <memory>
#include <optional>

namespace viadux {

// Exactly one of `agent` and `latch` is there; `dtls` where it was asked for; `srtp` once there are keys.
struct Transport::State final : DatagramSink, LimitedStep, DtlsOutput {
  State(Worker& worker_, IceDirectory& directory_, TransportConfig config, TransportListener& listener_);
  ~State() override = default;

  // Receiving (transport_receive.cpp).
  void on_datagrams(std::span<Datagram> batch) override;
  void on_path_closed(const Path& path) override;
  void receive_stun(const Datagram& datagram);
  void receive_dtls(const Datagram& datagram);
  // True where the packet is decrypted and whole; `size` is then the plain packet's.
  bool receive_media(const Datagram& datagram, PacketKind kind, std::size_t& size);
  void count(SrtpStatus status);

  // Sending and life (transport.cpp).
  bool protect_and_send(std::span<std::uint8_t> room, std::size_t size, bool rtcp, std::uint8_t dscp = 0);
  void send_dtls(std::span<const std::uint8_t> datagram) override;
  void run_step() override; // DTLS goes on; or the first turn of a transport that has nothing to wait for
  void after_dtls();
  bool use_keys(const SrtpKeys& keys);
  void connect_if_ready();
  void follow_selection();
  void check_consent();
  void end(std::optional<CloseReason> reason); // nullopt: by close(), nobody is told

  Worker& worker;
  IceDirectory& directory;
  TransportListener& listener;
  const std::int64_t ice_timeout_us;
  const std::int64_t dtls_timeout_us;

  std::optional<IceAgent> agent;
  std::optional<Latch> latch;
  std::optional<DtlsSession> dtls;
  std::unique_ptr<SrtpSession> srtp;
  std::optional<SrtpKeys> keys; // in use; to know a re-offer that changes nothing
  bool plain = false;           // neither DTLS nor keys were configured

  std::optional<Path> rtp_path; // where we send to
  std::optional<Path> rtcp_path;
  std::optional<Path> dtls_path; // without ICE: where the handshake comes from
  bool tcp_selected = false;
  bool connected = false;
  bool closed = false;
  TransportStats stats;

  Timer consent_timer;
  Timer dtls_timer;    // retransmission
  Timer dtls_deadline; // of the whole handshake
};

} // namespace viadux
