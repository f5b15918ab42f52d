#include "core/transport/transport.hpp"

#include "core/transport/transport_state.hpp"

#include <algorithm>
#include <cassert>

namespace viadux {

namespace {
constexpr std::size_t max_rtcp_size = 1400;
// A TCP peer that has this much waiting reads too slowly for fresh media to be of use to it.
constexpr std::size_t tcp_backlog_limit = 64 * 1024;
} // namespace

std::string_view to_string(CloseReason reason) {
  switch (reason) {
  case CloseReason::ice_timeout:
    return "ice_timeout";
  case CloseReason::dtls_failed:
    return "dtls_failed";
  case CloseReason::closed_by_peer:
    return "closed_by_peer";
  }
  return "unknown";
}

std::string_view to_string(DtlsFailure failure) {
  switch (failure) {
  case DtlsFailure::none:
    return "none";
  case DtlsFailure::handshake:
    return "handshake";
  case DtlsFailure::fingerprint:
    return "fingerprint";
  case DtlsFailure::no_srtp_profile:
    return "no_srtp_profile";
  case DtlsFailure::timeout:
    return "timeout";
  case DtlsFailure::internal:
    return "internal";
  }
  return "unknown";
}

Transport::State::State(Worker& worker_, IceDirectory& directory_, TransportConfig config,
                        TransportListener& listener_)
    : worker(worker_), directory(directory_), listener(listener_), ice_timeout_us(config.ice_timeout_us),
      dtls_timeout_us(config.dtls_timeout_us), consent_timer(worker_.timers(), [this] { check_consent(); }),
      dtls_timer(worker_.timers(),
                 [this] {
                   dtls->on_timer();
                   after_dtls();
                 }),
      dtls_deadline(worker_.timers(), [this] {
        if (connected || closed) return;
        stats.dtls_failure = DtlsFailure::timeout;
        end(CloseReason::dtls_failed);
      }) {
  assert(config.ice.has_value() != config.latch.has_value());
  assert(!(config.dtls && config.keys));
  plain = !config.dtls && !config.keys;
  if (config.ice) {
    const std::string ufrag = config.ice->local.ufrag;
    agent.emplace(std::move(config.ice->local), std::move(config.ice->remote), max_paths, worker.now_us());
    directory.add(ufrag, *this);
    consent_timer.start(ice_timeout_us);
  } else {
    latch.emplace(*config.latch);
    worker.set_rtp_port_sink(config.latch->port, *this);
    rtp_path = latch->rtp();
    rtcp_path = latch->rtcp();
  }
  if (config.keys) use_keys(*config.keys);
  if (config.dtls) dtls.emplace(std::move(*config.dtls), config.mtu, *this);
  if (latch) worker.request_step(*this);
}

void Transport::State::follow_selection() {
  const bool first = !rtp_path && !connected;
  const Path* const selected = agent->selected();
  rtp_path = selected ? std::optional(*selected) : std::nullopt;
  rtcp_path = rtp_path;
  tcp_selected = rtp_path && worker.is_tcp(rtp_path->socket);
  if (first && dtls && rtp_path) {
    dtls_deadline.start(dtls_timeout_us);
    worker.request_step(*this); // the active side begins now
  }
  connect_if_ready();
}

void Transport::State::connect_if_ready() {
  if (connected || closed || (agent && !rtp_path) || (!plain && !srtp)) return;
  connected = true;
  dtls_deadline.cancel();
  listener.on_connected();
}

void Transport::State::run_step() {
  if (closed) return;
  if (dtls && (rtp_path || dtls_path)) {
    dtls->step();
    return after_dtls();
  }
  connect_if_ready();
}

void Transport::State::after_dtls() {
  if (closed) return;
  switch (dtls->state()) {
  case DtlsSession::State::handshaking: {
    const auto delay = dtls->timer_us();
    if (delay)
      dtls_timer.start(*delay + 1000); // OpenSSL keeps its own clock: not a moment before it agrees
    else
      dtls_timer.cancel();
    break;
  }
  case DtlsSession::State::connected:
    dtls_timer.cancel();
    if (srtp) break;
    if (latch && dtls_path) {
      latch->close_on(*dtls_path);
      rtp_path = latch->rtp();
      rtcp_path = latch->rtcp();
    }
    if (!use_keys(*dtls->keys())) {
      stats.dtls_failure = DtlsFailure::internal;
      return end(CloseReason::dtls_failed);
    }
    connect_if_ready();
    break;
  case DtlsSession::State::closed_by_peer:
    end(CloseReason::closed_by_peer);
    break;
  case DtlsSession::State::failed:
    stats.dtls_failure = dtls->failure();
    end(CloseReason::dtls_failed);
    break;
  }
}

// The same keys again (a re-offer that changes nothing here) keep the streams and their rollover counters.
bool Transport::State::use_keys(const SrtpKeys& wanted) {
  if (srtp && keys == wanted) return true;
  auto made = SrtpSession::create(wanted, max_receive_ssrcs);
  if (!made) return false;
  srtp = std::move(*made);
  keys = wanted;
  return true;
}

void Transport::State::send_dtls(std::span<const std::uint8_t> datagram) {
  const auto& path = dtls_path ? dtls_path : rtp_path;
  if (!path || datagram.size() > max_packet_size) return;
  const auto room = worker.output().reserve();
  std::copy(datagram.begin(), datagram.end(), room.begin());
  worker.output().commit(datagram.size(), *path);
}

bool Transport::State::protect_and_send(std::span<std::uint8_t> room, std::size_t size, bool rtcp,
                                        std::uint8_t dscp) {
  const auto& path = rtcp ? rtcp_path : rtp_path;
  if (!path) return false;
  std::size_t wire_size = size;
  if (srtp) {
    const SrtpStatus status =
        rtcp ? srtp->protect_rtcp(room.data(), wire_size) : srtp->protect_rtp(room.data(), wire_size);
    if (status != SrtpStatus::ok) {
      ++stats.protect_failures;
      return false;
    }
  }
  worker.output().commit(wire_size, *path, dscp);
  if (rtcp) {
    ++stats.rtcp_packets_out;
  } else {
    ++stats.rtp_packets_out;
    stats.rtp_bytes_out += size;
  }
  return true;
}

void Transport::State::check_consent() {
  const std::int64_t left = agent->last_valid_us() + ice_timeout_us - worker.now_us();
  if (left > 0)
    consent_timer.start(left);
  else
    end(CloseReason::ice_timeout);
}

void Transport::State::end(std::optional<CloseReason> reason) {
  if (closed) return;
  closed = true;
  if (dtls) dtls->close();
  connected = false;
  consent_timer.cancel();
  dtls_timer.cancel();
  dtls_deadline.cancel();
  worker.withdraw_step(*this);
  if (agent) {
    for (const std::string& ufrag : agent->ufrags())
      directory.remove(ufrag);
    for (const Path& path : agent->paths()) {
      worker.unbind(path);
      worker.close_tcp(path.socket);
    }
  } else {
    worker.output().flush(); // close_notify needs the socket
    worker.close_rtp_port(latch->port());
  }
  if (reason) listener.on_closed(*reason);
}

Transport::Transport(Worker& worker, IceDirectory& directory, TransportConfig config,
                     TransportListener& listener)
    : state_(std::make_unique<State>(worker, directory, std::move(config), listener)) {}

Transport::~Transport() {
  close();
}

void Transport::close() {
  state_->end(std::nullopt);
}

std::span<std::uint8_t> Transport::reserve() {
  return state_->worker.output().reserve();
}

bool Transport::send_rtp(std::size_t size, std::uint8_t dscp) {
  if (!is_writable() || size + srtp_max_overhead > max_packet_size) return false;
  return state_->protect_and_send(state_->worker.output().reserve(), size, false, dscp);
}

bool Transport::send_rtcp(std::span<const std::uint8_t> packet) {
  if (!is_writable() || packet.size() > max_rtcp_size) return false;
  const auto room = state_->worker.output().reserve();
  std::copy(packet.begin(), packet.end(), room.begin());
  return state_->protect_and_send(room, packet.size(), true);
}

bool Transport::is_connected() const {
  return state_->connected;
}

bool Transport::is_writable() const {
  const State& s = *state_;
  return s.connected && s.rtp_path &&
         (!s.tcp_selected || s.worker.backlog_bytes(s.rtp_path->socket) < tcp_backlog_limit);
}

bool Transport::restart_ice(const IceCredentials& local, const IceCredentials& remote) {
  State& s = *state_;
  if (s.closed || !s.agent) return false;
  const auto before = s.agent->ufrags();
  if (!s.directory.add(local.ufrag, s)) return false;
  s.agent->restart(local, remote);
  const auto after = s.agent->ufrags();
  for (const std::string& ufrag : before) // of a restart that never came to life
    if (std::find(after.begin(), after.end(), ufrag) == after.end()) s.directory.remove(ufrag);
  return true;
}

bool Transport::set_keys(const SrtpKeys& keys) {
  State& s = *state_;
  if (s.closed || s.dtls || !s.use_keys(keys)) return false;
  s.plain = false;
  s.connect_if_ready();
  return true;
}

void Transport::set_remote(const Endpoint& rtp, const Endpoint& rtcp) {
  State& s = *state_;
  if (s.closed || !s.latch) return;
  s.latch->reopen(rtp, rtcp);
  s.rtp_path = s.latch->rtp();
  s.rtcp_path = s.latch->rtcp();
}

std::optional<Endpoint> Transport::selected_endpoint() const {
  return state_->rtp_path ? std::optional(state_->rtp_path->remote) : std::nullopt;
}

bool Transport::selected_is_tcp() const {
  return state_->tcp_selected;
}

std::optional<SrtpProfile> Transport::srtp_profile() const {
  return state_->srtp ? std::optional(state_->srtp->profile()) : std::nullopt;
}

TransportStats Transport::stats() const {
  return state_->stats;
}

} // namespace viadux
