#include "core/transport/stun_message.hpp"
#include "core/transport/transport_state.hpp"

#include <array>

namespace viadux {

// RTP is gathered over the batch, so that the session hears once; all else is seen to at once.
void Transport::State::on_datagrams(std::span<Datagram> batch) {
  std::array<ReceivedPacket, max_batch> packets;
  std::size_t count = 0;
  for (const Datagram& datagram : batch) {
    if (closed) return;
    const PacketKind kind = packet_kind({datagram.data, datagram.size});
    std::size_t size = datagram.size;
    switch (kind) {
    case PacketKind::stun:
      receive_stun(datagram);
      break;
    case PacketKind::dtls:
      receive_dtls(datagram);
      break;
    case PacketKind::rtp:
      if (receive_media(datagram, kind, size))
        packets[count++] = {datagram.data, static_cast<std::uint16_t>(size), worker.now_us()};
      break;
    case PacketKind::rtcp:
      if (receive_media(datagram, kind, size)) listener.on_rtcp({datagram.data, size});
      break;
    case PacketKind::unknown:
      ++stats.malformed;
      break;
    }
  }
  if (count > 0 && !closed) listener.on_rtp(std::span(packets).first(count));
}

void Transport::State::receive_stun(const Datagram& datagram) {
  if (!agent) return; // a phone that keeps its NAT open
  const auto message = StunMessage::parse({datagram.data, datagram.size});
  if (!message) {
    ++stats.malformed;
    return;
  }
  const auto room = worker.output().reserve();
  IceCheck check = agent->handle(*message, datagram.path, worker.now_us(), room);
  // The answer goes where the request came from, also where that is not (yet) the selected pair (RFC
  // 8445 7.3.1.2).
  if (!check.answer.empty()) worker.output().commit(check.answer.size(), datagram.path);
  if (!check.valid) {
    if (message->type == StunClass::request) ++stats.ice_refused;
    return;
  }
  ++stats.ice_checks;
  for (const Path& path : check.dropped) {
    worker.unbind(path);
    worker.close_tcp(path.socket);
  }
  if (agent->knows(datagram.path)) worker.bind(datagram.path, *this);
  if (check.restarted) directory.remove(check.retired_ufrag);
  if (check.selected_changed) {
    if (rtp_path) ++stats.pair_switches;
    follow_selection();
  }
}

void Transport::State::receive_dtls(const Datagram& datagram) {
  if (!dtls || (latch && !latch->admits(datagram.path, true)) || (agent && !agent->knows(datagram.path))) {
    ++stats.early_drops;
    return;
  }
  if (latch && !dtls_path) {
    dtls_path = datagram.path;
    dtls_deadline.start(dtls_timeout_us);
  }
  if (latch && *dtls_path != datagram.path) {
    ++stats.early_drops;
    return;
  }
  dtls->receive({datagram.data, datagram.size});
  worker.request_step(*this);
}

bool Transport::State::receive_media(const Datagram& datagram, PacketKind kind, std::size_t& size) {
  if (!connected || (latch && !latch->admits(datagram.path, srtp != nullptr))) {
    ++stats.early_drops;
    return false;
  }
  const bool rtcp = kind == PacketKind::rtcp;
  if (srtp) {
    const SrtpStatus status =
        rtcp ? srtp->unprotect_rtcp(datagram.data, size) : srtp->unprotect_rtp(datagram.data, size);
    if (status != SrtpStatus::ok) {
      count(status);
      return false;
    }
  }
  const std::span<const std::uint8_t> packet(datagram.data, size);
  if (rtcp ? size < 8 || packet[0] >> 6 != 2 : rtp_header_size(packet) == 0) {
    ++stats.malformed;
    return false;
  }
  if (latch) {
    latch->close_on(datagram.path);
    rtp_path = latch->rtp();
    rtcp_path = latch->rtcp();
  }
  if (rtcp) {
    ++stats.rtcp_packets_in;
  } else {
    ++stats.rtp_packets_in;
    stats.rtp_bytes_in += size;
  }
  return true;
}

void Transport::State::count(SrtpStatus status) {
  switch (status) {
  case SrtpStatus::ok:
    break;
  case SrtpStatus::auth_failed:
    ++stats.auth_failures;
    break;
  case SrtpStatus::replayed:
    ++stats.replays;
    break;
  case SrtpStatus::malformed:
    ++stats.malformed;
    break;
  case SrtpStatus::too_many_ssrcs:
    ++stats.ssrc_limit_drops;
    break;
  case SrtpStatus::refused:
    ++stats.protect_failures;
    break;
  }
}

// The peer may connect again, or restart ICE; if it does not, consent runs out.
void Transport::State::on_path_closed(const Path& path) {
  if (agent && agent->forget(path)) follow_selection();
}

} // namespace viadux
