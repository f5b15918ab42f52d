// What a viewer's line takes: the layer of a simulcast publisher, the cap of one without layers.
#include "bench/client/payload.hpp"
#include "house.hpp"

namespace viadux {
namespace {

// REMB is what viewers say here, so that what they say is exact: no transport-cc in their offers.
std::string without_transport_cc(std::string offer) {
  for (const char* line : {"a=rtcp-fb:96 transport-cc\r\n", "a=rtcp-fb:111 transport-cc\r\n"})
    for (auto at = offer.find(line); at != std::string::npos; at = offer.find(line))
      offer.erase(at, std::string(line).size());
  for (auto at = offer.find("a=extmap:3 "); at != std::string::npos; at = offer.find("a=extmap:3 "))
    offer.erase(at, offer.find('\n', at) + 1 - at);
  return offer;
}

struct Layers : House {
  // `limit`: a line "b=..." of its only section.
  Guest& viewer(const std::string& limit = {}) {
    guests_.push_back(std::make_unique<Guest>(seed_++));
    Guest& guest = *guests_.back();
    std::string offer = without_transport_cc(guest.client.offer({receives("video")}));
    offer.insert(offer.find("\r\na=", offer.find("m=video")) + 2, limit);
    auto answer = engine_->open(request(offer));
    EXPECT_TRUE(answer) << answer.error().message;
    guest.answer = *answer;
    EXPECT_TRUE(guest.client.accept(answer->answer));
    EXPECT_TRUE(await_connection(guest));
    return guest;
  }
  static std::uint32_t newest_stream(const Guest& guest) {
    if (guest.client.arrived.empty()) return 0;
    const auto read = bench::read_vp8(guest.client.arrived.back().payload, true);
    EXPECT_TRUE(read && read->intact);
    return read ? read->stamp.stream : 0;
  }
};

struct Simulcast : Layers {
  Guest* publisher = nullptr;

  void on_turn() override {
    if (publisher == nullptr || !publisher->client.connected() || loop_.clock().now_us() < next_us_) return;
    next_us_ = loop_.clock().now_us() + 20'000;
    // 50 frames a second: about 1.2 Mbit/s, 400 and 120 kbit/s.
    const std::size_t sizes[] = {1000, 1000, 300};
    const int packets[] = {3, 1, 1};
    for (std::size_t i = 0; i < 3; ++i) {
      Source& source = publisher->client.sources()[i];
      int& wanted = publisher->client.key_frame_requests[source.ssrc];
      publisher->client.send_frame(source, wanted > 0, packets[i], sizes[i]);
      wanted = 0;
    }
  }
  // Each change of layer stood on a key frame, and nothing is missing in the numbers.
  static void expect_clean_changes(const Guest& guest, int at_least) {
    std::set<std::uint16_t> numbers;
    std::uint32_t before = 0;
    const std::uint16_t first = guest.client.arrived.front().header.sequence;
    int layers = 0;
    for (const Arrival& arrival : guest.client.arrived) {
      const auto read = bench::read_vp8(arrival.payload, false);
      ASSERT_TRUE(read);
      if (read->stamp.stream != before) {
        EXPECT_TRUE(read->key) << "a layer begins with a key frame";
        ++layers;
      }
      before = read->stamp.stream;
      numbers.insert(static_cast<std::uint16_t>(arrival.header.sequence - first));
    }
    EXPECT_GE(layers, at_least);
    EXPECT_LE(layers, at_least + 2) << "layers do not flap";
    EXPECT_EQ(numbers.size(), std::size_t{*numbers.rbegin()} + 1);
  }
  std::int64_t next_us_ = 0;
};

TEST_F(Simulcast, TheLayerFallsWithWhatTheViewerCanTake) {
  publisher = &join({sends("video", {"f", "h", "q"})});
  ASSERT_EQ(publisher->client.answered()[0].receive_rids.size(), 3U);
  Guest& bob = viewer();
  fill(bob, 0, publisher->track(0));
  const std::uint32_t ssrc = bob.client.answered()[0].ssrc;
  const auto stream = [&](std::size_t i) { return publisher->client.sources()[i].ssrc; };
  const auto shows = [&](std::size_t i) { return until([&] { return newest_stream(bob) == stream(i); }); };
  EXPECT_TRUE(shows(0)) << "nothing holds it back: the largest";
  bob.client.send_remb(800'000, ssrc);
  EXPECT_TRUE(shows(1));
  bob.client.send_remb(200'000, ssrc);
  EXPECT_TRUE(shows(2));
  EXPECT_EQ(figure(bob.id(), "/slots/0/encoding"), 0);
  expect_clean_changes(bob, 3);
}

// Up at once where no step down has taught otherwise; after one it takes ten seconds, which
// core/congestion's own tests see in virtual time.
TEST_F(Simulcast, TheLayerRisesWithWhatTheViewerCanTake) {
  publisher = &join({sends("video", {"f", "h", "q"})});
  Guest& bob = viewer();
  const std::uint32_t ssrc = bob.client.answered()[0].ssrc;
  const auto shows = [&](std::size_t i) {
    return until([&] { return newest_stream(bob) == publisher->client.sources()[i].ssrc; });
  };
  // A layer's rate is known after its first second; what was believed cheaper would be a step down.
  ASSERT_TRUE(
      until([&] { return figure(publisher->id(), "/tracks/0/encodings/2/bitrate_bps") > 1'000'000; }));
  bob.client.send_remb(200'000, ssrc);
  pass(60);
  fill(bob, 0, publisher->track(0));
  EXPECT_TRUE(shows(2));
  bob.client.send_remb(800'000, ssrc);
  EXPECT_TRUE(shows(1));
  bob.client.send_remb(5'000'000, ssrc);
  EXPECT_TRUE(shows(0));
  EXPECT_EQ(figure(bob.id(), "/slots/0/encoding"), 2);
  EXPECT_GE(figure(bob.id(), "/slots/0/switches"), 2);
  expect_clean_changes(bob, 3);
}

// The publisher's pictures are 720, 360 and 180 high.
TEST_F(Simulcast, NoLayerIsLargerThanOfUse) {
  publisher = &join({sends("video", {"f", "h", "q"})});
  Guest& bob = viewer();
  const auto shows = [&](std::size_t i, std::uint16_t max_height) {
    SlotFill wanted;
    wanted.track = publisher->track(0);
    wanted.max_height = max_height;
    EXPECT_TRUE(engine_->fill_slot(bob.id(), 0, wanted));
    return until([&] { return newest_stream(bob) == publisher->client.sources()[i].ssrc; });
  };
  EXPECT_TRUE(shows(0, 0)) << "any";
  EXPECT_TRUE(shows(1, 360));
  EXPECT_TRUE(shows(2, 359));
  EXPECT_TRUE(shows(2, 90)) << "the smallest there is";
  EXPECT_EQ(figure(bob.id(), "/slots/0/encoding"), 0);
  EXPECT_EQ(metric("viadux_slots_paused_total"), 0);
}

TEST_F(Simulcast, AViewersOwnLimitHoldsWhateverItsLineTakes) {
  publisher = &join({sends("video", {"f", "h", "q"})});
  Guest& bob = viewer("b=AS:600\r\n");
  Guest& carl = viewer("b=TIAS:20000\r\n");
  ASSERT_TRUE(
      until([&] { return figure(publisher->id(), "/tracks/0/encodings/2/bitrate_bps") > 1'000'000; }));
  for (Guest* guest : {&bob, &carl}) {
    fill(*guest, 0, publisher->track(0));
    guest->client.send_remb(10'000'000, guest->client.answered()[0].ssrc);
  }
  EXPECT_TRUE(until([&] { return newest_stream(bob) == publisher->client.sources()[1].ssrc; }));
  EXPECT_TRUE(until([&] { return newest_stream(carl) == publisher->client.sources()[2].ssrc; }))
      << "the least there is";
  pass(200);
  EXPECT_EQ(newest_stream(bob), publisher->client.sources()[1].ssrc);
  EXPECT_EQ(newest_stream(carl), publisher->client.sources()[2].ssrc);
}

struct Cap : Layers {
  Guest* publisher = nullptr;

  void on_turn() override {
    if (publisher == nullptr || !publisher->client.connected() || loop_.clock().now_us() < next_us_) return;
    next_us_ = loop_.clock().now_us() + 10'000;
    Source& source = publisher->client.source(0);
    int& wanted = publisher->client.key_frame_requests[source.ssrc];
    publisher->client.send_frame(source, wanted > 0, 1, 1000); // 800 kbit/s
    wanted = 0;
  }
  std::uint64_t told() const { return publisher->client.rembs.empty() ? 0 : publisher->client.rembs.back(); }
  std::int64_t next_us_ = 0;
};

TEST_F(Cap, AViewersOwnLimitHoldsItsPublisher) {
  publisher = &join({sends("video")});
  Guest& bob = viewer("b=AS:500\r\n");
  fill(bob, 0, publisher->track(0));
  bob.client.send_remb(10'000'000, bob.client.answered()[0].ssrc);
  ASSERT_TRUE(until([&] { return told() > 0 && told() <= 500'000; })) << told();
  EXPECT_GE(told(), 400'000U);
}

TEST_F(Cap, APublisherWithoutLayersIsHeldToItsWeakestViewer) {
  publisher = &join({sends("video")});
  Guest& strong = viewer();
  Guest& weak = viewer();
  fill(strong, 0, publisher->track(0));
  strong.client.send_remb(10'000'000, strong.client.answered()[0].ssrc);
  ASSERT_TRUE(until([&] { return told() >= 3'900'000; })) << "the configured most: " << told();
  fill(weak, 0, publisher->track(0));
  weak.client.send_remb(400'000, weak.client.answered()[0].ssrc);
  ASSERT_TRUE(until([&] { return told() > 0 && told() <= 400'000; })) << told();
  EXPECT_GE(told(), 300'000U) << "no lower than the viewer needs";
  EXPECT_GT(metric("viadux_publisher_caps_total"), 0);
  const std::size_t before = strong.client.arrived.size();
  ASSERT_TRUE(until([&] { return strong.client.arrived.size() > before + 20; }));
  ASSERT_TRUE(engine_->close(weak.id()));
  const std::uint64_t lowest = told();
  EXPECT_TRUE(until([&] { return told() > lowest * 110 / 100; })) << "it rises again: " << told();
}

TEST_F(Cap, AViewerUnderTheFloorHoldsNobodyBack) {
  publisher = &join({sends("video")});
  Guest& poor = viewer();
  fill(poor, 0, publisher->track(0));
  ASSERT_TRUE(until([&] { return told() >= 3'900'000 && !poor.client.arrived.empty(); }));
  poor.client.send_remb(60'000, poor.client.answered()[0].ssrc);
  ASSERT_TRUE(until([&] { return figure(poor.id(), "/slots/0/paused") == 1; }));
  EXPECT_GE(metric("viadux_slots_paused_total"), 1);
  pass(500);
  EXPECT_GE(told(), 3'900'000U);
}

} // namespace
} // namespace viadux
