// Two sessions on a worker that is turned by hand: one that publishes sound and a picture in three layers,
// one that watches. Plain RTP without ICE, so that what is fed is what a decrypted packet would be.
#pragma once

#include "core/control/manual_loop.hpp"
#include "core/sdp/negotiate.hpp"
#include "core/sdp/parser.hpp"
#include "core/session/incoming.hpp"
#include "core/session/media_worker.hpp"
#include "tests/unit/net/peer_socket.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace viadux {

class SessionStage {
 public:
  SessionStage() {
    WorkerConfig config;
    config.base_port = 0;
    config.tcp = false;
    config.addresses = {loopback_};
    // Nobody listens to what is sent.
    config.send_many = [](int, mmsghdr*, unsigned count, int) { return static_cast<int>(count); };
    MediaWorkerEvents events;
    events.connected = [](SessionId) {};
    events.ended = [](SessionId, const std::string&) {};
    events.track_active = [](TrackId, bool) {};
    events.levels = [](const std::vector<AudioLevel>&) {};
    media_ = std::make_unique<MediaWorker>(std::move(*Worker::create(config, loop_)), loop_,
                                           std::move(events), 250'000);
    media_->connect({media_.get()});
  }

  // Each input begins with sessions that have seen nothing.
  void open() {
    publisher_port_ = add(1, "sendonly", {11, 12});
    viewer_port_ = add(2, "recvonly", {0, 0});
    media_->worker().turn();
    for (std::uint32_t line = 0; line < 2; ++line) {
      TrackAddress address;
      address.track = 11 + line;
      address.config = track_config(address.track, agreed_.lines[line]);
      media_->fill_slot(2, line, address, {});
    }
    media_->worker().turn();
  }
  void close() {
    for (SessionId id = 1; id <= 2; ++id) {
      media_->statistics(id, [](const Result<std::string>& json) {
        if (!json || json->back() != '}') std::abort();
      });
      media_->close_session(id);
    }
    media_->worker().turn();
    loop_.run();
  }
  void publish(std::string_view packet) { feed(publisher_, publisher_port_, packet); }
  void watch(std::string_view packet) { feed(viewer_, viewer_port_, packet); }

 private:
  static std::string offer(const char* direction, std::uint16_t port) {
    const std::string extensions =
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
    const std::string at = " " + std::to_string(port) + " RTP/AVPF ";
    std::string text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    text += "m=audio" + at + "111\r\na=mid:0\r\na=rtcp-mux\r\n" + extensions + "a=" + direction +
            "\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n";
    text += "m=video" + at + "96 97\r\na=mid:1\r\na=rtcp-mux\r\n" + extensions +
            "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
            "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\na=" +
            direction + "\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n";
    for (const char* feedback : {"nack", "nack pli", "ccm fir", "ccm tmmbr", "goog-remb", "transport-cc"})
      text += std::string("a=rtcp-fb:96 ") + feedback + "\r\n";
    if (std::string(direction) == "sendonly")
      text += "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n";
    return text;
  }
  std::uint16_t add(SessionId id, const char* direction, std::vector<TrackId> tracks) {
    const PeerSocket& peer = id == 1 ? publisher_ : viewer_;
    const auto offered = sdp::parse(offer(direction, peer.endpoint().port), sdp::Profile::sip);
    if (!offered) std::abort();
    sdp::LocalCapabilities local;
    local.profile = sdp::Profile::sip;
    local.allow_unprotected = true;
    local.lines.resize(2);
    RtpPort port = *media_->worker().open_rtp_port({41'000, 50'000}, loopback_, nothing_);
    for (std::uint32_t i = 0; i < 2; ++i) {
      local.lines[i].port = port.port;
      const std::uint32_t ssrc = 0x1000 * static_cast<std::uint32_t>(id) + i;
      local.lines[i].source = sdp::LocalSource{ssrc, ssrc + 0x100, "c", "s", "t"};
    }
    auto agreed = sdp::negotiate(*offered, local, std::nullopt);
    if (!agreed || agreed->lines.size() != 2) std::abort();
    if (id == 1) agreed_ = *agreed;
    auto plan = std::make_shared<SessionPlan>();
    plan->session = id;
    plan->tracks = std::move(tracks);
    // Both lines on one port, as a bundle would have them.
    for (sdp::NegotiatedLine& line : agreed->lines)
      line.transport = 0;
    plan->negotiated = std::move(*agreed);
    TransportConfig transport;
    LatchConfig latch;
    latch.port = port;
    latch.rtp = peer.endpoint();
    latch.rtcp_mux = true;
    transport.latch = latch;
    plan->transports = {transport};
    plan->cname = "ours";
    plan->rtcp_ssrc = 7;
    plan->start_bps = 600'000;
    plan->floor_bps = 250'000;
    plan->max_send_bps = plan->max_receive_bps = 4'000'000;
    media_->add_session(plan);
    return port.port;
  }
  void feed(const PeerSocket& peer, std::uint16_t port, std::string_view packet) {
    peer.send({loopback_, port}, packet);
    media_->worker().turn();
    loop_.advance(7'000); // time passes: reports, NACKs and allocations fall due
  }

  struct Nothing final : DatagramSink {
    void on_datagrams(std::span<Datagram>) override {}
  } nothing_;
  IpAddress loopback_ = IpAddress::v4({127, 0, 0, 1});
  ManualLoop loop_;
  PeerSocket publisher_, viewer_;
  std::unique_ptr<MediaWorker> media_;
  sdp::Negotiated agreed_;
  std::uint16_t publisher_port_ = 0, viewer_port_ = 0;
};

// Calls with each datagram of the input, which stand after two bytes of length.
template <class Each>
void for_each_datagram(const std::uint8_t* data, std::size_t size, Each each) {
  for (std::size_t at = 0; at + 2 <= size;) {
    const auto wanted = static_cast<std::size_t>(data[at] << 8 | data[at + 1]) % 1500;
    const std::size_t length = std::min<std::size_t>(wanted, size - at - 2);
    each(std::string_view(reinterpret_cast<const char*>(data) + at + 2, length));
    at += 2 + length;
  }
}

} // namespace viadux
