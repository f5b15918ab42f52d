// A thread that is no media worker takes and gives tracks, with a real engine and real clients.
#include "core/session/track_port.hpp"

#include "house.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace viadux {
namespace {

// What a plugin's or the mixer's thread does: polls when it is woken, writes down what comes, sends what it
// is told.
class PortThread final : public TrackPortSink {
 public:
  PortThread(Engine& engine, bool waits_for_wake) : waits_for_wake_(waits_for_wake) {
    auto opened = engine.open_port([bell = bell_] { bell->store(true); });
    if (!opened) throw std::runtime_error(opened.error().message);
    port = std::move(*opened);
    thread_ = std::thread([this] { run(); });
  }
  ~PortThread() override { stop(); }
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void on_packet(TrackId track, const router::ChannelRecord& record,
                 std::span<const std::uint8_t> payload) override {
    const std::lock_guard lock(mutex_);
    packets_[track].emplace_back(payload.begin(), payload.end());
    if ((record.flags & router::ChannelRecord::after_gap) != 0) ++gaps;
    if (record.encoding == 0 && wants_key_frame.exchange(false)) port->request_key_frame(track, 0);
  }
  void on_ended(TrackId track) override {
    const std::lock_guard lock(mutex_);
    ended_.insert(track);
  }
  void on_wanted(TrackId track, bool wanted) override {
    const std::lock_guard lock(mutex_);
    wanted_[track] = wanted;
  }
  void on_key_frame_wanted(TrackId /*track*/, std::uint8_t /*encoding*/) override { ++key_frames_wanted; }

  std::vector<Payload> packets(TrackId track) {
    const std::lock_guard lock(mutex_);
    return packets_[track];
  }
  bool ended(TrackId track) {
    const std::lock_guard lock(mutex_);
    return ended_.contains(track);
  }
  bool wanted(TrackId track) {
    const std::lock_guard lock(mutex_);
    return wanted_[track];
  }

  std::unique_ptr<TrackPort> port;
  std::atomic<TrackId> sound{0}, picture{0};
  std::atomic<bool> wants_key_frame{false};
  std::atomic<int> key_frames_wanted{0}, wakes{0}, gaps{0};

 private:
  void run() {
    std::int64_t next_us = 0;
    while (!stopping_) {
      if (!waits_for_wake_ || bell_->exchange(false)) {
        ++wakes;
        while (port->poll(*this)) {
        }
      }
      const std::int64_t now_us = clock_.now_us();
      if (now_us >= next_us) {
        next_us = now_us + 10'000;
        send(now_us);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void send(std::int64_t now_us) {
    PortPacket packet;
    packet.sequence = ++sequence_;
    packet.media_us = now_us;
    packet.minus_dbov = 30;
    packet.timestamp = static_cast<std::uint32_t>(now_us * 48 / 1000);
    const Payload voice{0xfc, 1, 2, static_cast<std::uint8_t>(sequence_)};
    packet.payload = voice;
    if (sound != 0) port->send(sound, packet);
    // VP8: a key frame's first packet with its start code and size, when somebody has asked; else an
    // interframe.
    const bool key = key_frames_wanted > answered_;
    answered_ = key_frames_wanted;
    const Payload frame = key ? Payload{0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0, 7}
                              : Payload{0x10, 0x11, 0, 0, 9, 9};
    packet.timestamp = static_cast<std::uint32_t>(now_us * 90 / 1000);
    packet.marker = true;
    packet.payload = frame;
    if (picture != 0) port->send(picture, packet);
    port->flush();
  }

  const bool waits_for_wake_;
  SystemClock clock_;
  std::shared_ptr<std::atomic<bool>> bell_ = std::make_shared<std::atomic<bool>>(true);
  std::mutex mutex_;
  std::map<TrackId, std::vector<Payload>> packets_;
  std::set<TrackId> ended_;
  std::map<TrackId, bool> wanted_;
  std::uint16_t sequence_ = 100;
  int answered_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

TEST(PortQueue, ALeaveThatHadToWaitDoesNotUndoALaterTake) {
  PumpedLoop loop;
  Metrics metrics;
  EngineOptions options;
  options.base_port = 0;
  options.addresses = {*IpAddress::parse("127.0.0.1")};
  auto engine = Engine::create(options, loop, metrics);
  ASSERT_TRUE(engine);
  PortThread giver(**engine, false), taker(**engine, false);
  const auto track = giver.port->give({.codec = rtp::Codec::opus});
  ASSERT_TRUE(track);
  giver.sound = *track;
  // Nobody reads the worker's queue yet: it fills.
  const auto take = [&] { return taker.port->take(*track).has_value(); };
  for (int i = 0; i < 1'000'000 && take(); ++i)
    if (i % 32 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1)); // the port reads its orders
  ASSERT_FALSE(take());
  taker.port->leave(*track); // has to wait
  (*engine)->start();
  const auto pump = [&](const std::function<bool()>& holds) {
    for (int ms = 0; ms < 5'000 && !holds(); ++ms) {
      loop.pump();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return holds();
  };
  std::this_thread::sleep_for(std::chrono::milliseconds(50)); // the queue has room
  bool taken = false;
  ASSERT_TRUE(pump([&] { return taken = taken || take(); }));
  const auto heard = [&] { return taker.packets(*track).size(); };
  ASSERT_TRUE(pump([&] { return heard() > 0; }));
  const SystemClock clock;
  const std::int64_t later_us = clock.now_us() + 200'000; // ten times what waits is tried again after
  pump([&] { return clock.now_us() > later_us; });
  const std::size_t before = heard();
  EXPECT_TRUE(pump([&] { return heard() > before + 5; })) << "it is still taken";
  giver.stop();
  taker.stop();
  taker.port.reset();
  giver.port.reset();
  (*engine)->stop();
}

struct Ports : TwoWorkers {
  bool while_sending(Guest& from, const std::function<bool()>& holds) {
    std::int64_t next_us = 0;
    return until([&] {
      const std::int64_t now = loop_.clock().now_us();
      if (now >= next_us) {
        next_us = now + 10'000;
        from.client.send_sound(from.client.source(0));
        from.client.send_frame(from.client.source(1), from.client.key_frame_requests[video_ssrc(from)] > 0);
        from.client.key_frame_requests[video_ssrc(from)] = 0;
      }
      return holds();
    });
  }
  static std::uint32_t video_ssrc(Guest& guest) { return guest.client.source(1).ssrc; }
};

TEST_F(Ports, TakeTheTracksOfAnyWorkerUntilTheyEnd) {
  Guest& one = enter({sends("audio"), sends("video")}, 1);
  Guest& two = enter({sends("audio"), sends("video")}, 2); // the other worker
  for (Guest* guest : {&one, &two})
    ASSERT_TRUE(await_connection(*guest));
  ASSERT_NE(figure(one.id(), "/worker"), figure(two.id(), "/worker"));
  PortThread thread(*engine_, true);
  for (Guest* guest : {&one, &two}) {
    const auto sound = thread.port->take(guest->track(0));
    ASSERT_TRUE(sound);
    EXPECT_EQ(sound->codec, rtp::Codec::opus);
    ASSERT_TRUE(thread.port->take(guest->track(1)));
    ASSERT_TRUE(while_sending(*guest, [&] {
      return thread.packets(guest->track(0)).size() > 20 && thread.packets(guest->track(1)).size() > 60;
    }));
    std::set<Payload> sent;
    for (const auto& [sequence, packet] : guest->client.source(0).sent)
      sent.insert(packet.second);
    for (const Payload& payload : thread.packets(guest->track(0)))
      EXPECT_TRUE(sent.contains(payload));
    EXPECT_LE(thread.wakes, 3 * static_cast<int>(guest->client.source(0).sent.size()) + 10);

    ASSERT_TRUE(
        while_sending(*guest, [&] { return guest->client.key_frame_requests[video_ssrc(*guest)] == 0; }));
    pass(1100); // requests are throttled
    guest->client.key_frame_requests.clear();
    thread.wants_key_frame = true;
    guest->client.send_frame(guest->client.source(1));
    EXPECT_TRUE(until([&] { return guest->client.key_frame_requests[video_ssrc(*guest)] > 0; }));
  }
  EXPECT_FALSE(thread.ended(one.track(0)));
  ASSERT_TRUE(engine_->close(one.id()));
  EXPECT_TRUE(until([&] { return thread.ended(one.track(0)) && thread.ended(one.track(1)); }));
  const auto late = thread.port->take(one.track(0));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::gone);

  thread.port->leave(two.track(0));
  pass(50);
  const std::size_t before = thread.packets(two.track(0)).size();
  const std::size_t pictures = thread.packets(two.track(1)).size();
  ASSERT_TRUE(while_sending(two, [&] { return thread.packets(two.track(1)).size() > pictures + 30; }));
  EXPECT_EQ(thread.packets(two.track(0)).size(), before);
}

TEST_F(Ports, GiveTracksToSlotsOnEveryWorker) {
  Guest& one = enter({receives("audio"), receives("video")}, 1);
  Guest& two = enter({receives("audio"), receives("video")}, 2);
  for (Guest* guest : {&one, &two})
    ASSERT_TRUE(await_connection(*guest));
  PortThread thread(*engine_, true);
  thread.sound = *thread.port->give({.codec = rtp::Codec::opus});
  thread.picture = *thread.port->give({.codec = rtp::Codec::vp8});
  pass(50);
  EXPECT_FALSE(thread.wanted(thread.sound)) << "nobody has it yet";

  for (Guest* guest : {&one, &two}) {
    fill(*guest, 0, thread.sound);
    fill(*guest, 1, thread.picture);
    ASSERT_TRUE(
        until([&] { return guest->client.of_line(0).size() > 20 && guest->client.of_line(1).size() > 20; }));
    EXPECT_EQ(guest->client.of_line(0).back().payload[0], 0xfc);
    EXPECT_EQ(guest->client.of_line(1).front().payload.back(), 7) << "video begins with a key frame";
    const auto sounds = guest->client.of_line(0);
    for (std::size_t i = 1; i < sounds.size(); ++i)
      EXPECT_EQ(static_cast<std::uint16_t>(sounds[i].header.sequence - sounds[i - 1].header.sequence), 1);
  }
  EXPECT_TRUE(thread.wanted(thread.sound));
  EXPECT_GE(thread.key_frames_wanted, 2);
  SlotFill wrong;
  wrong.track = thread.sound;
  EXPECT_EQ(engine_->fill_slot(one.id(), 1, wrong).error().code, ErrorCode::bad_argument);

  fill(one, 0, 0);
  pass(50);
  EXPECT_TRUE(thread.wanted(thread.sound)) << "the other still has it";
  ASSERT_TRUE(engine_->close(two.id()));
  EXPECT_TRUE(until([&] { return !thread.wanted(thread.sound); }));

  const TrackId picture = thread.picture;
  thread.port->withdraw(picture);
  SlotFill gone;
  gone.track = picture;
  EXPECT_EQ(engine_->fill_slot(one.id(), 1, gone).error().code, ErrorCode::gone);
  EXPECT_EQ(thread.port->dropped(), 0U);
}

TEST_F(Ports, APortTakesWhatAnotherGives) {
  PortThread giver(*engine_, true);
  PortThread taker(*engine_, false);
  giver.sound = *giver.port->give({.codec = rtp::Codec::opus});
  ASSERT_TRUE(taker.port->take(giver.sound));
  EXPECT_TRUE(until([&] { return taker.packets(giver.sound).size() > 20; }));
  giver.port->withdraw(giver.sound);
  EXPECT_TRUE(until([&] { return taker.ended(giver.sound); }));
}

TEST_F(Ports, WhoDoesNotPollLosesPacketsAndIsToldAndNobodyElseNotices) {
  Guest& speaker = join({sends("audio"), sends("video")});
  Guest& viewer = join({receives("audio"), receives("video")});
  auto lazy = engine_->open_port({});
  ASSERT_TRUE(lazy);
  ASSERT_TRUE((*lazy)->take(speaker.track(1)));
  fill(viewer, 1, speaker.track(1));
  // 1 MiB of ring, 3 kB a frame.
  ASSERT_TRUE(while_sending(speaker, [&] {
    for (int i = 0; i < 8; ++i)
      speaker.client.send_frame(speaker.client.source(1), false, 3, 1000);
    return viewer.client.of_line(1).size() > 1500;
  }));
  struct Counting final : TrackPortSink {
    int packets = 0, gaps = 0;
    void on_packet(TrackId, const router::ChannelRecord& record, std::span<const std::uint8_t>) override {
      ++packets;
      if ((record.flags & router::ChannelRecord::after_gap) != 0) ++gaps;
    }
    void on_ended(TrackId) override {}
  } counting;
  while ((*lazy)->poll(counting)) {
  }
  EXPECT_EQ(counting.gaps, 0);
  ASSERT_TRUE(while_sending(speaker, [&] {
    (*lazy)->poll(counting);
    return counting.gaps > 0;
  }));
  EXPECT_EQ(counting.gaps, 1);
  lazy->reset();
  EXPECT_TRUE(until([&] { return metric("viadux_rtp_dropped_total{reason=\"other_thread_full\"}") > 0; }));
}

TEST_F(Ports, EndWhileTheirTracksAreInUse) {
  Guest& viewer = join({receives("audio"), receives("video")});
  Guest& speaker = join({sends("audio"), sends("video")});
  auto thread = std::make_unique<PortThread>(*engine_, false);
  thread->sound = *thread->port->give({.codec = rtp::Codec::opus});
  const TrackId sound = thread->sound;
  fill(viewer, 0, sound);
  ASSERT_TRUE(thread->port->take(speaker.track(0)));
  ASSERT_TRUE(while_sending(speaker, [&] {
    return viewer.client.of_line(0).size() > 10 && thread->packets(speaker.track(0)).size() > 10;
  }));
  thread.reset();
  SlotFill gone;
  gone.track = sound;
  EXPECT_EQ(engine_->fill_slot(viewer.id(), 0, gone).error().code, ErrorCode::gone);
  // The slot takes the next one.
  const std::size_t before = viewer.client.of_line(0).size();
  fill(viewer, 0, speaker.track(0));
  EXPECT_TRUE(while_sending(speaker, [&] { return viewer.client.of_line(0).size() > before + 10; }));
}

} // namespace
} // namespace viadux
