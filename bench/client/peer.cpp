#include "bench/client/peer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux::bench {
namespace {

constexpr std::int64_t tick_setting_up_us = 50'000;
constexpr std::int64_t tick_us = 100'000;
constexpr std::int64_t consent_interval_us = 5'000'000;
constexpr std::int64_t consent_timeout_us = 30'000'000; // RFC 7675 5.1
constexpr std::int64_t setup_timeout_us = 15'000'000;
constexpr int receive_batch = 32;
constexpr int socket_buffer =
    4 << 20; // a viewer that is slow for a moment must not look like loss in the server

std::string random_text(std::mt19937& random, std::size_t size) {
  constexpr const char* ice_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  while (text.size() < size)
    text += ice_alphabet[random() % 64];
  return text;
}

int open_socket(std::uint16_t& port) {
  const auto fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  for (const auto& [wish, fallback] : {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, {SO_SNDBUFFORCE, SO_SNDBUF}})
    if (setsockopt(fd, SOL_SOCKET, wish, &socket_buffer, sizeof socket_buffer) != 0)
      setsockopt(fd, SOL_SOCKET, fallback, &socket_buffer, sizeof socket_buffer);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  socklen_t size = sizeof any;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size) != 0) {
    close(fd);
    return -1;
  }
  port = ntohs(any.sin_port);
  return fd;
}

const Candidate* choose_candidate(const std::vector<MediaLine>& lines) {
  const Candidate* chosen = nullptr;
  for (const auto& line : lines)
    for (const auto& candidate : line.candidates) {
      if (candidate.address.starts_with("127.")) return &candidate;
      if (chosen == nullptr) chosen = &candidate;
    }
  return chosen;
}

} // namespace

Peer::Peer(EventLoop& loop, DtlsContext& dtls, Ledger& ledger, PeerSettings settings)
    : loop_(loop), dtls_context_(dtls), ledger_(ledger), settings_(std::move(settings)),
      random_(settings_.seed),
      receiver_(loop, ledger, settings_.receive, random_() | 1,
                [this](std::uint8_t* packet, std::size_t size) { send_rtcp(packet, size); }),
      late_timer_(loop, [this] { on_late(); }), tick_timer_(loop, [this] { on_tick(); }) {
  ufrag_ = random_text(random_, 8);
  password_ = random_text(random_, 24);
  tie_breaker_ = std::uint64_t{random_()} << 32 | random_();
  if (settings_.receive_link) link_.emplace(settings_.seed, *settings_.receive_link);
  if (settings_.publish)
    sender_ = std::make_unique<Sender>(
        loop, ledger, *settings_.publish, static_cast<std::uint32_t>(random_()),
        [this](std::uint8_t* packet, std::size_t size) { send_rtp(packet, size); },
        [this](std::uint8_t* packet, std::size_t size) { send_rtcp(packet, size); });
  if (sender_) {
    rtcp_.on_key_frame_request = [this](std::uint32_t ssrc) { sender_->on_key_frame_request(ssrc); };
    rtcp_.on_nack = [this](std::uint32_t ssrc, std::uint16_t sequence) { sender_->on_nack(ssrc, sequence); };
    rtcp_.on_remb = [this](std::uint64_t bitrate_bps) { sender_->on_remb(bitrate_bps); };
  }
  rtcp_.on_sender_report = [this](std::uint32_t ssrc, std::uint32_t middle) {
    receiver_.on_sender_report(ssrc, middle, EventLoop::now_us());
  };
  rtcp_.on_transport_feedback = [this] { ++ledger_.counters.feedback_received; };
  socket_ = open_socket(local_port_);
  if (socket_ < 0)
    fail(std::string("no UDP socket: ") + std::strerror(errno));
  else
    loop_.watch(socket_, EPOLLIN, this);
}

Peer::~Peer() {
  if (socket_ < 0) return;
  loop_.unwatch(socket_, this);
  ::close(socket_);
}

LocalTransport Peer::local() const {
  return {ufrag_, password_, dtls_context_.fingerprint(), "127.0.0.1", local_port_};
}

std::string Peer::make_offer() {
  auto lines = sender_ ? sender_->offer_lines() : std::vector<OfferLine>{};
  for (int i = 0; i < settings_.receive_audio; ++i)
    lines.push_back({"audio", false, 0, 0, {}});
  for (int i = 0; i < settings_.receive_video; ++i)
    lines.push_back({"video", false, 0, 0, {}});
  return write_offer(local(), settings_.setup, lines);
}

Result<void> Peer::accept_answer(const std::string& sdp) {
  auto answer = parse_sdp(sdp);
  if (!answer) return answer.error();
  if (sender_) sender_->configure(answer->lines);
  receiver_.configure(answer->lines);
  return begin_ice(answer->lines, answer->lines.front().setup != "active");
}

Result<std::string> Peer::make_answer(const std::string& offer) {
  auto description = parse_sdp(offer);
  if (!description) return description.error();
  receiver_.configure(description->lines);
  if (auto begun = begin_ice(description->lines, true); !begun) return begun.error();
  return write_answer(local(), *description);
}

Result<void> Peer::begin_ice(const std::vector<MediaLine>& lines, bool dtls_client) {
  if (state_ == State::failed) return make_error(ErrorCode::internal, "peer", failure_);
  const auto used = std::ranges::find_if(lines, [](const MediaLine& line) { return !line.rejected; });
  const auto* candidate = settings_.via ? &*settings_.via : choose_candidate(lines);
  if (used == lines.end() || candidate == nullptr || used->fingerprint.empty())
    return make_error(
        ErrorCode::bad_argument, "sdp",
        "the server's description has no accepted line, no UDP candidate or no SHA-256 fingerprint");
  remote_ufrag_ = used->ufrag;
  remote_password_ = used->password;
  remote_fingerprint_ = used->fingerprint;
  dtls_client_ = dtls_client;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(candidate->port);
  if (inet_pton(AF_INET, candidate->address.c_str(), &to.sin_addr) != 1 ||
      connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return make_error(ErrorCode::internal, "candidate",
                      "cannot reach " + candidate->address + ":" + std::to_string(candidate->port));
  state_ = State::checking;
  started_us_ = last_response_us_ = EventLoop::now_us();
  on_tick();
  return {};
}

void Peer::send_check() {
  last_check_us_ = EventLoop::now_us();
  for (auto& byte : check_)
    byte = static_cast<std::uint8_t>(random_());
  send_datagram(make_binding_request(check_, remote_ufrag_ + ":" + ufrag_, remote_password_, tie_breaker_));
}

void Peer::on_tick() {
  const auto now = EventLoop::now_us();
  if (state_ == State::failed || state_ == State::closed) return;
  const bool setting_up = state_ == State::checking || state_ == State::handshaking;
  if (setting_up && now - started_us_ > setup_timeout_us)
    return fail(state_ == State::checking ? "no answer to the ICE checks" : "DTLS did not finish in time");
  if (now - last_response_us_ > consent_timeout_us)
    return fail("the server no longer answers consent checks");
  if (state_ == State::checking || now - last_check_us_ >= consent_interval_us) send_check();
  if (dtls_) {
    dtls_->tick();
    follow_dtls();
  }
  if (state_ == State::connected) {
    receiver_.send_feedback(now);
    if (now - last_report_us_ >= 1'000'000) {
      last_report_us_ = now;
      receiver_.send_reports(now);
      if (sender_) sender_->send_reports(now);
    }
  }
  if (state_ != State::failed) tick_timer_.start_at(now + (setting_up ? tick_setting_up_us : tick_us));
}

void Peer::on_events(std::uint32_t) {
  struct Slots { // shared by all peers: one thread, and nothing stays in it between calls
    std::array<std::array<std::uint8_t, 2048>, receive_batch> data;
    std::array<iovec, receive_batch> vectors;
    std::array<mmsghdr, receive_batch> messages{};
  };
  static Slots slots;
  for (;;) {
    for (int i = 0; i < receive_batch; ++i) {
      slots.vectors[i] = {slots.data[i].data(), slots.data[i].size()};
      slots.messages[i].msg_hdr.msg_iov = &slots.vectors[i];
      slots.messages[i].msg_hdr.msg_iovlen = 1;
    }
    const auto n = recvmmsg(socket_, slots.messages.data(), receive_batch, MSG_DONTWAIT, nullptr);
    if (n <= 0) return; // ECONNREFUSED of an ended server is noticed by consent
    const auto now = EventLoop::now_us();
    for (int i = 0; i < n; ++i)
      on_datagram(slots.data[i].data(), slots.messages[i].msg_len, now);
    if (n < receive_batch) return;
  }
}

void Peer::on_datagram(std::uint8_t* datagram, std::size_t size, std::int64_t now_us) {
  const Bytes bytes(datagram, size);
  if (size == 0) return;
  if (is_stun(bytes)) return on_stun(bytes);
  if (bytes[0] >= 20 && bytes[0] <= 63) return on_dtls(bytes); // RFC 7983 section 7
  if (!is_rtp_or_rtcp(bytes)) {
    ++ledger_.counters.malformed;
    return;
  }
  if (!link_) return on_media(datagram, size, now_us);
  const auto leaves_us = link_->offer(now_us, size);
  if (!leaves_us) {
    ++ledger_.counters.dropped_on_purpose;
  } else if (*leaves_us <= now_us) {
    on_media(datagram, size, now_us);
  } else {
    late_.emplace(*leaves_us, std::vector<std::uint8_t>(datagram, datagram + size));
    late_timer_.start_at(late_.begin()->first);
  }
}

void Peer::on_late() {
  const auto now = EventLoop::now_us();
  while (!late_.empty() && late_.begin()->first <= now) {
    auto packet = std::move(late_.begin()->second);
    late_.erase(late_.begin());
    on_media(packet.data(), packet.size(), now);
  }
  if (!late_.empty()) late_timer_.start_at(late_.begin()->first);
}

void Peer::on_stun(Bytes datagram) {
  auto message = parse_stun(datagram, password_);
  if (message && message->kind == StunClass::request) {
    if (!message->integrity_ok) return;
    sockaddr_in from{};
    socklen_t size = sizeof from;
    getpeername(socket_, reinterpret_cast<sockaddr*>(&from), &size);
    return send_datagram(make_binding_success(message->transaction, password_, ntohl(from.sin_addr.s_addr),
                                              ntohs(from.sin_port)));
  }
  message = parse_stun(datagram, remote_password_);
  if (!message || message->transaction != check_) return;
  if (message->kind == StunClass::error) {
    // While the server is still setting up it may not know us yet: the next check tries again.
    return;
  }
  if (!message->integrity_ok) return fail("an ICE answer with a wrong MESSAGE-INTEGRITY");
  last_response_us_ = EventLoop::now_us();
  if (state_ != State::checking) return;
  state_ = State::handshaking;
  dtls_ = std::make_unique<DtlsConnection>(dtls_context_, dtls_client_, remote_fingerprint_,
                                           [this](Bytes out) { send_datagram(out); });
  if (dtls_client_) dtls_->start();
}

void Peer::on_dtls(Bytes datagram) {
  if (!dtls_) return;
  dtls_->receive(datagram);
  follow_dtls();
}

void Peer::follow_dtls() {
  if (dtls_->state() == DtlsConnection::State::failed) return fail(dtls_->failure());
  if (dtls_->state() == DtlsConnection::State::closed && state_ != State::closed)
    return fail("closed by the server");
  if (state_ != State::handshaking || dtls_->state() != DtlsConnection::State::connected) return;
  if (!srtp_.open(dtls_->keys())) return fail("SRTP does not take the keys of DTLS");
  state_ = State::connected;
  last_report_us_ = EventLoop::now_us();
  if (sender_) sender_->start();
}

void Peer::on_media(std::uint8_t* packet, std::size_t size, std::int64_t now_us) {
  if (!srtp_.is_open()) return;
  int length = static_cast<int>(size);
  const bool rtcp = is_rtcp({packet, size});
  if (!(rtcp ? srtp_.unprotect_rtcp(packet, length) : srtp_.unprotect_rtp(packet, length))) {
    ++ledger_.counters.auth_failed;
    return;
  }
  const Bytes plain(packet, static_cast<std::size_t>(length));
  if (rtcp)
    on_rtcp(plain, now_us);
  else
    receiver_.on_rtp(plain, now_us);
}

void Peer::on_rtcp(Bytes compound, std::int64_t) {
  if (!parse_rtcp(compound, rtcp_)) ++ledger_.counters.malformed;
}

void Peer::send_datagram(Bytes datagram) {
  if (send(socket_, datagram.data(), datagram.size(), 0) < 0 && errno != ECONNREFUSED)
    ++ledger_.counters.send_failed;
}

void Peer::send_rtp(std::uint8_t* packet, std::size_t size) {
  int length = static_cast<int>(size);
  if (srtp_.is_open() && srtp_.protect_rtp(packet, length))
    send_datagram({packet, static_cast<std::size_t>(length)});
}

void Peer::send_rtcp(std::uint8_t* packet, std::size_t size) {
  int length = static_cast<int>(size);
  if (srtp_.is_open() && srtp_.protect_rtcp(packet, length))
    send_datagram({packet, static_cast<std::size_t>(length)});
}

void Peer::close() {
  if (sender_) sender_->stop();
  if (state_ == State::connected) dtls_->close();
  tick_timer_.cancel();
  state_ = State::closed;
}

void Peer::fail(std::string why) {
  if (state_ == State::closed) return;
  state_ = State::failed;
  failure_ = std::move(why);
  if (sender_) sender_->stop();
}

} // namespace viadux::bench
