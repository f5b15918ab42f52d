#include "web_client.hpp"

#include "bench/client/payload.hpp"
#include "core/control/clock.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace viadux {
namespace {

constexpr std::int64_t check_every_us = 30'000;

std::int64_t now_us() {
  return SystemClock().now_us();
}
// A certificate takes long to make under sanitizers; one is enough for all.
bench::DtlsContext& dtls_context() {
  static bench::DtlsContext context("SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80");
  return context;
}
Payload text_bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

} // namespace

WebClient::WebClient(std::uint32_t seed) : random_(seed) {
  ufrag_ = "client" + std::to_string(random_() % 100'000);
  password_ = "a-password-of-" + std::to_string(random_()) + std::to_string(random_());
  handler_.on_key_frame_request = [this](std::uint32_t ssrc) { ++key_frame_requests[ssrc]; };
  handler_.on_nack = [this](std::uint32_t ssrc, std::uint16_t sequence) { on_nack(ssrc, sequence); };
  handler_.on_remb = [this](std::uint64_t bps) { rembs.push_back(bps); };
  handler_.on_sender_report = [this](std::uint32_t ssrc, std::uint32_t) { reporters.insert(ssrc); };
  handler_.on_transport_feedback = [this] { ++feedback; };
}

WebClient::~WebClient() = default;

std::string WebClient::offer(std::vector<bench::OfferLine> lines) {
  std::vector<Source> before;
  before.swap(sources_);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    bench::OfferLine& line = lines[i];
    if (!line.send) continue;
    for (std::size_t e = 0; e < std::max<std::size_t>(line.rids.size(), 1); ++e) {
      const std::string rid = line.rids.empty() ? "" : line.rids[e];
      // A line that was there keeps its SSRC.
      const auto old = std::find_if(before.begin(), before.end(),
                                    [&](const Source& each) { return each.line == i && each.rid == rid; });
      sources_.push_back(old != before.end() ? *old : make_source(i, line.kind, rid));
      sources_.back().width = static_cast<std::uint16_t>(1280 >> e);
      sources_.back().height = static_cast<std::uint16_t>(720 >> e);
    }
    if (!line.rids.empty()) continue;
    line.ssrc = sources_.back().ssrc;
    line.rtx_ssrc = sources_.back().rtx_ssrc;
  }
  return bench::write_offer(
      {ufrag_, password_, dtls_context().fingerprint(), "127.0.0.1", socket_.endpoint().port}, "actpass",
      lines);
}

Source WebClient::make_source(std::size_t line, const std::string& kind, const std::string& rid) {
  Source source;
  source.line = line;
  source.rid = rid;
  source.ssrc = static_cast<std::uint32_t>(random_()) | 1;
  if (kind == "video") source.rtx_ssrc = source.ssrc + 1;
  return source;
}

void WebClient::new_ice_credentials() {
  ufrag_ += "n";
  password_ += "new";
}

bool WebClient::accept(const std::string& text) {
  auto answer = bench::parse_sdp(text);
  if (!answer || answer->lines.empty()) return false;
  answered_ = answer->lines;
  const auto used = std::find_if(answered_.begin(), answered_.end(),
                                 [](const auto& line) { return !line.rejected && !line.candidates.empty(); });
  if (used == answered_.end()) return false;
  server_ = {*IpAddress::parse(used->candidates.front().address), used->candidates.front().port};
  remote_ufrag_ = used->ufrag;
  remote_password_ = used->password;
  nominated_ = false;
  next_check_us_ = 0;
  if (!dtls_)
    dtls_ =
        std::make_unique<bench::DtlsConnection>(dtls_context(), used->setup != "active", used->fingerprint,
                                                [this](bench::Bytes out) { send_datagram(out); });
  return true;
}

void WebClient::check() {
  for (auto& byte : transaction_)
    byte = static_cast<std::uint8_t>(random_());
  send_datagram(
      bench::make_binding_request(transaction_, remote_ufrag_ + ":" + ufrag_, remote_password_, 4711));
}

void WebClient::pump() {
  for (std::string datagram = socket_.receive(); !datagram.empty(); datagram = socket_.receive())
    on_datagram(std::move(datagram));
  if (!dtls_) return;
  const std::int64_t now = now_us();
  if (!nominated_ && now >= next_check_us_) {
    next_check_us_ = now + check_every_us;
    check();
  }
  dtls_->tick();
  if (asks_for_missing && now >= next_nack_us_) {
    next_nack_us_ = now + 20'000;
    ask_for_missing();
  }
}

void WebClient::on_datagram(std::string datagram) {
  const bench::Bytes bytes{reinterpret_cast<const std::uint8_t*>(datagram.data()), datagram.size()};
  if (bench::is_stun(bytes)) {
    const auto message = bench::parse_stun(bytes, remote_password_);
    if (!message || message->kind != bench::StunClass::success || !message->integrity_ok) return;
    ++responses_;
    if (!nominated_ && !srtp_.is_open()) dtls_->start();
    nominated_ = true;
  } else if (bytes[0] >= 20 && bytes[0] <= 63) {
    if (!dtls_) return;
    dtls_->receive(bytes);
    if (!srtp_.is_open() && dtls_->state() == bench::DtlsConnection::State::connected) {
      EXPECT_TRUE(srtp_.open(dtls_->keys()));
    }
  } else if (srtp_.is_open() && bench::is_rtp_or_rtcp(bytes)) {
    on_media(datagram);
  }
}

void WebClient::on_media(std::string& datagram) {
  auto* data = reinterpret_cast<std::uint8_t*>(datagram.data());
  int size = static_cast<int>(datagram.size());
  if (bench::is_rtcp({data, datagram.size()})) {
    if (!srtp_.unprotect_rtcp(data, size))
      ++not_authentic;
    else
      on_rtcp({data, static_cast<std::size_t>(size)});
    return;
  }
  if (lose_incoming && lose_incoming(bench::load16(data + 2))) return;
  if (!srtp_.unprotect_rtp(data, size)) {
    ++not_authentic;
    return;
  }
  const auto packet = bench::parse_rtp({data, static_cast<std::size_t>(size)});
  ASSERT_TRUE(packet);
  Arrival arrival{packet->header, {}, {packet->payload.begin(), packet->payload.end()}, false};
  for (const auto& line : answered_) {
    if (const auto mid = packet->extensions[line.extension(bench::uri_mid)]; !mid.empty())
      arrival.mid.assign(mid.begin(), mid.end());
    if (line.rtx_payload_type == 0 || line.rtx_payload_type != packet->header.payload_type) continue;
    if (line.rtx_ssrc != packet->header.ssrc || arrival.payload.size() < 3) continue;
    // RFC 4588 section 4: the original sequence number goes first.
    arrival.by_rtx = true;
    arrival.header.ssrc = line.ssrc;
    arrival.header.payload_type = line.payload_type;
    arrival.header.sequence = bench::load16(arrival.payload.data());
    arrival.payload.erase(arrival.payload.begin(), arrival.payload.begin() + 2);
  }
  if (arrival.payload.empty()) return;
  if (!seen_[arrival.header.ssrc].insert(arrival.header.sequence).second) return; // a probe's repetition
  arrived.push_back(std::move(arrival));
}

void WebClient::on_rtcp(bench::Bytes compound) {
  EXPECT_TRUE(bench::parse_rtcp(compound, handler_));
  while (compound.size() >= 8) {
    const std::size_t size = (std::size_t{bench::load16(&compound[2])} + 1) * 4;
    if (size > compound.size()) return;
    if (compound[1] == 201) ++receiver_reports;
    if (compound[1] == 203)
      for (std::size_t at = 4; at + 4 <= size && (at - 4) / 4 < (compound[0] & 31U); at += 4)
        byes.push_back(bench::load32(&compound[at]));
    compound = compound.subspan(size);
  }
}

void WebClient::on_nack(std::uint32_t ssrc, std::uint16_t sequence) {
  nacked.insert(sequence);
  if (!answers_nacks) return;
  for (Source& source : sources_) {
    const auto kept = source.sent.find(sequence);
    if (source.ssrc != ssrc || kept == source.sent.end() || source.rtx_ssrc == 0) continue;
    bench::RtpHeader header = kept->second.first;
    header.payload_type = 97;
    header.ssrc = source.rtx_ssrc;
    header.sequence = source.rtx_sequence++;
    Payload payload{static_cast<std::uint8_t>(sequence >> 8), static_cast<std::uint8_t>(sequence)};
    payload.insert(payload.end(), kept->second.second.begin(), kept->second.second.end());
    send_packet(header, extensions_for(source, true), payload);
  }
}

void WebClient::ask_for_missing() {
  for (const auto& [ssrc, sequences] : seen_) {
    std::vector<std::uint16_t> missing;
    if (sequences.empty()) continue;
    // Tests stay far from the wrap of 16 bits or ask for themselves.
    for (unsigned s = *sequences.begin(); s < *sequences.rbegin() && missing.size() < 64; ++s)
      if (!sequences.contains(static_cast<std::uint16_t>(s)))
        missing.push_back(static_cast<std::uint16_t>(s));
    if (!missing.empty()) send_nack(ssrc, missing);
  }
}

std::map<std::uint8_t, Payload> WebClient::extensions_for(const Source& source, bool rtx) {
  std::map<std::uint8_t, Payload> extensions;
  if (source.line >= answered_.size()) return extensions;
  const bench::MediaLine& line = answered_[source.line];
  extensions[line.extension(bench::uri_mid)] = text_bytes(line.mid);
  if (const auto id = line.extension(bench::uri_transport_cc); id != 0) {
    extensions[id] = {static_cast<std::uint8_t>(transport_sequence_ >> 8),
                      static_cast<std::uint8_t>(transport_sequence_)};
    ++transport_sequence_;
  }
  if (!source.rid.empty())
    extensions[line.extension(rtx ? bench::uri_repaired_rid : bench::uri_rid)] = text_bytes(source.rid);
  return extensions;
}

void WebClient::send_frame(Source& source, bool key, int packets, std::size_t bytes) {
  ++source.frame;
  source.timestamp += 3000;
  source.picture_id = (source.picture_id + 1) & 0x7fff;
  for (int i = 0; i < packets; ++i) {
    Payload payload(bytes);
    bench::write_vp8(payload, {key, i == 0, source.picture_id, source.width, source.height},
                     {source.ssrc, source.counter++, source.frame, now_us()});
    bench::RtpHeader header{96, i + 1 == packets, source.sequence++, source.timestamp, source.ssrc};
    source.sent[header.sequence] = {header, payload};
    const auto extensions = extensions_for(source, false);
    if (!lose_outgoing || !lose_outgoing(header.sequence)) send_packet(header, extensions, payload);
  }
}

void WebClient::send_sound(Source& source, std::uint8_t level) {
  Payload payload(80);
  bench::write_opus(payload, {source.ssrc, source.counter++, 0, now_us()});
  send_voice(source, payload, level);
}

void WebClient::send_voice(Source& source, const Payload& payload, std::uint8_t level) {
  source.timestamp += 960;
  const bench::RtpHeader header{111, false, source.sequence++, source.timestamp, source.ssrc};
  source.sent[header.sequence] = {header, payload};
  auto extensions = extensions_for(source, false);
  const std::uint8_t id = source.line < answered_.size()
                              ? answered_[source.line].extension(bench::uri_audio_level)
                              : std::uint8_t{0};
  if (id != 0) extensions[id] = {static_cast<std::uint8_t>(0x80 | level)};
  if (!lose_outgoing || !lose_outgoing(header.sequence)) send_packet(header, extensions, payload);
}

void WebClient::send_packet(const bench::RtpHeader& header, const std::map<std::uint8_t, Payload>& extensions,
                            const Payload& payload) {
  Payload buffer(bench::max_datagram + bench::srtp_trailer);
  bench::RtpBuilder builder(buffer.data(), header);
  for (const auto& [id, value] : extensions)
    builder.extension(id, value);
  int size = static_cast<int>(builder.finish(payload));
  ASSERT_TRUE(srtp_.protect_rtp(buffer.data(), size));
  send_datagram({buffer.data(), static_cast<std::size_t>(size)});
}

void WebClient::send_rtcp(std::vector<std::uint8_t> packet) {
  int size = static_cast<int>(packet.size());
  packet.resize(packet.size() + bench::srtp_trailer);
  ASSERT_TRUE(srtp_.protect_rtcp(packet.data(), size));
  send_datagram({packet.data(), static_cast<std::size_t>(size)});
}

void WebClient::send_raw(const Payload& bytes) {
  send_datagram(bytes);
}

void WebClient::send_nack(std::uint32_t ssrc, const std::vector<std::uint16_t>& sequences) {
  bench::RtcpWriter rtcp;
  rtcp.receiver_report(1, {});
  rtcp.nack(1, ssrc, sequences);
  send_rtcp(rtcp.data());
}

void WebClient::send_pli(std::uint32_t ssrc) {
  bench::RtcpWriter rtcp;
  rtcp.receiver_report(1, {});
  rtcp.pli(1, ssrc);
  send_rtcp(rtcp.data());
}

void WebClient::send_remb(std::uint64_t bps, std::uint32_t ssrc) {
  unsigned exponent = 0;
  while ((bps >> exponent) >= 1U << 18)
    ++exponent;
  std::vector<std::uint8_t> packet(24);
  auto* at = bench::store16(bench::store8(bench::store8(packet.data(), 0x8f), 206), 5);
  at = bench::store32(bench::store32(bench::store32(at, 1), 0), 0x52454d42); // "REMB"
  at = bench::store24(bench::store8(at, 1), static_cast<std::uint32_t>(exponent << 18 | bps >> exponent));
  bench::store32(at, ssrc);
  send_rtcp(std::move(packet));
}

std::vector<Arrival> WebClient::of_line(std::size_t line) const {
  std::vector<Arrival> found;
  for (const Arrival& arrival : arrived)
    if (line < answered_.size() && arrival.mid == answered_[line].mid) found.push_back(arrival);
  return found;
}

void WebClient::send_datagram(bench::Bytes bytes) {
  socket_.send(server_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

} // namespace viadux
