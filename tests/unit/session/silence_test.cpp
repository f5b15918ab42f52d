// A session without ICE that falls silent ends, in virtual time; one on hold does not.
#include "core/control/manual_loop.hpp"
#include "core/session/media_worker.hpp"
#include "tests/unit/net/peer_socket.hpp"

#include <gtest/gtest.h>
#include <optional>

namespace viadux {
namespace {

constexpr std::int64_t second = 1'000'000;

// One line of PCMA between a phone and a worker that is turned by hand.
class Silence : public testing::Test {
 protected:
  void SetUp() override {
    WorkerConfig config;
    config.base_port = 0;
    config.tcp = false;
    config.addresses = {loopback_};
    MediaWorkerEvents events;
    events.connected = [](SessionId) {};
    events.ended = [this](SessionId, const std::string& reason) { ends_.push_back(reason); };
    events.track_active = [](TrackId, bool) {};
    events.levels = [](const std::vector<AudioLevel>&) {};
    media_ = std::make_unique<MediaWorker>(std::move(*Worker::create(config, loop_)), loop_,
                                           std::move(events), 250'000);
    media_->connect({media_.get()});
    port_ = *media_->worker().open_rtp_port({41'000, 50'000}, loopback_, nothing_);
    media_->add_session(plan(sdp::Direction::sendrecv));
    pass(0);
  }
  std::shared_ptr<SessionPlan> plan(sdp::Direction direction) const {
    auto made = std::make_shared<SessionPlan>();
    made->session = 1;
    sdp::NegotiatedLine line;
    line.kind = sdp::Kind::audio;
    line.direction = direction;
    line.codecs = {{.id = sdp::CodecId::pcma, .payload_type = 8, .receive_payload_type = 8}};
    line.local = sdp::LocalSource{0x1000, 0, "c", "s", "t"};
    made->negotiated.lines = {line};
    sdp::NegotiatedTransport agreed;
    agreed.ice = false;
    made->negotiated.transports = {agreed};
    made->tracks = {sdp::receives(direction) ? TrackId{7} : TrackId{0}};
    TransportConfig transport;
    LatchConfig latch;
    latch.port = port_;
    latch.rtp = rtp_.endpoint();
    latch.rtcp = rtcp_.endpoint();
    transport.latch = latch;
    made->transports = {transport};
    made->max_send_bps = made->max_receive_bps = 4'000'000;
    made->rtp_timeout_us = 60 * second;
    return made;
  }
  void pass(std::int64_t time_us) {
    for (std::int64_t left = time_us; left >= 0; left -= 20'000) {
      loop_.advance(std::min<std::int64_t>(left, 20'000));
      media_->worker().turn();
      loop_.run();
    }
  }
  void send(const PeerSocket& from, std::uint16_t port, const std::vector<std::uint8_t>& bytes) {
    from.send({loopback_, port}, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    pass(20'000);
  }
  void send_rtp(const PeerSocket& from) {
    std::vector<std::uint8_t> packet{0x80, 8, 0, ++sequence_, 0, 0, 0, 0, 0, 0, 0, 5};
    packet.resize(172, 0xd5);
    send(from, port_.port, packet);
  }
  void send_report() {
    send(rtcp_, static_cast<std::uint16_t>(port_.port + 1), {0x80, 201, 0, 1, 0, 0, 0, 5});
  }

  struct Nothing final : DatagramSink {
    void on_datagrams(std::span<Datagram>) override {}
  } nothing_;
  IpAddress loopback_ = IpAddress::v4({127, 0, 0, 1});
  ManualLoop loop_;
  PeerSocket rtp_, rtcp_, stranger_;
  std::unique_ptr<MediaWorker> media_;
  RtpPort port_;
  std::uint8_t sequence_ = 0;
  std::vector<std::string> ends_;
};

TEST_F(Silence, EndsASessionThatNeverSendsAnything) {
  pass(59 * second);
  EXPECT_TRUE(ends_.empty());
  pass(2 * second);
  EXPECT_EQ(ends_, std::vector<std::string>{"rtp_timeout"});
  std::optional<bool> there;
  media_->statistics(1, [&](const Result<std::string>& json) { there = json.has_value(); });
  pass(120 * second);
  EXPECT_EQ(there, false);
  EXPECT_EQ(ends_.size(), 1U) << "once";
}

TEST_F(Silence, SoundOrReportsAloneKeepIt) {
  for (int minute = 0; minute < 3; ++minute) {
    pass(50 * second);
    send_rtp(rtp_);
  }
  for (int minute = 0; minute < 3; ++minute) {
    pass(50 * second);
    send_report(); // a muted phone that does silence suppression
  }
  EXPECT_TRUE(ends_.empty());
  pass(62 * second);
  EXPECT_EQ(ends_.size(), 1U);
}

TEST_F(Silence, StrangersDoNotKeepIt) {
  send_rtp(rtp_);
  for (int i = 0; i < 62; ++i) {
    pass(second);
    send_rtp(stranger_);
  }
  EXPECT_EQ(ends_.size(), 1U);
}

TEST_F(Silence, HoldIsNotSilence) {
  for (const sdp::Direction hold : {sdp::Direction::sendonly, sdp::Direction::inactive}) {
    pass(50 * second);
    media_->update_session(plan(hold), false);
    pass(600 * second);
    EXPECT_TRUE(ends_.empty());
    media_->update_session(plan(sdp::Direction::sendrecv), false);
  }
  pass(58 * second);
  EXPECT_TRUE(ends_.empty()) << "the time begins anew";
  pass(4 * second);
  EXPECT_EQ(ends_.size(), 1U);
}

} // namespace
} // namespace viadux
