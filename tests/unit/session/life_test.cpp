// Sessions begin, end in every way there is, and leave nothing behind.
#include "house.hpp"

#include <dirent.h>

namespace viadux {
namespace {

struct Life : House {};

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr)
    ++count;
  closedir(folder);
  return count;
}

std::size_t resident_kib() {
  long pages = 0, resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  EXPECT_EQ(std::fscanf(file, "%ld %ld", &pages, &resident), 2);
  std::fclose(file);
  return static_cast<std::size_t>(resident) * 4;
}

TEST_F(Life, APeerThatSaysCloseNotifyIsGone) {
  Guest& guest = join({sends("audio")});
  guest.client.close_notify();
  ASSERT_TRUE(until([&] { return media_.closed.contains(guest.id()); }));
  EXPECT_EQ(media_.closed[guest.id()], "closed_by_peer");
  EXPECT_EQ(engine_->sessions(), 0U);
  EXPECT_EQ(metric("viadux_media_sessions_ended_total{reason=\"closed_by_peer\"}"), 1);
  EXPECT_FALSE(engine_->close(guest.id()));
  EXPECT_FALSE(engine_->set_rights(guest.id(), {}));
  EXPECT_FALSE(engine_->update(guest.id(), "v=0\r\n"));
  EXPECT_FALSE(engine_->add_candidates(guest.id(), ""));
  EXPECT_FALSE(engine_->fill_slot(guest.id(), 0, {}));
}

TEST_F(Life, AWrongCertificateEndsTheSession) {
  WebClient client(7);
  std::string offer = client.offer({sends("audio")});
  const auto at = offer.find("sha-256 ") + 8;
  offer[at] = offer[at] == 'A' ? 'B' : 'A';
  const auto answer = engine_->open(request(offer));
  ASSERT_TRUE(answer);
  ASSERT_TRUE(client.accept(answer->answer));
  ASSERT_TRUE(until([&] {
    client.pump();
    return media_.closed.contains(answer->session);
  }));
  EXPECT_EQ(media_.closed[answer->session], "dtls_failed");
  EXPECT_FALSE(media_.connected.contains(answer->session));
  EXPECT_EQ(metric("viadux_dtls_failures_total"), 1);
}

TEST_F(Life, CandidatesAreCheckedForTheirGenerationOnly) {
  Guest& guest = join({sends("audio")});
  const std::string line = "a=candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host\r\n";
  const std::string pwd = "a=ice-pwd:something-long-enough-for-it\r\n";
  EXPECT_TRUE(engine_->add_candidates(guest.id(), "a=ice-ufrag:" + guest.client.ufrag() + "\r\n" + pwd +
                                                      "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + line));
  const auto wrong = engine_->add_candidates(guest.id(), "a=ice-ufrag:someoneelse\r\n" + pwd +
                                                             "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + line);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "ice_ufrag_unknown");
}

TEST_F(Life, TheServerIsFullAndSaysSo) {
  EngineOptions options;
  options.base_port = 0;
  options.addresses = {IpAddress::v4({127, 0, 0, 1})};
  options.max_sessions = 1;
  Metrics metrics;
  auto small = std::move(*Engine::create(options, loop_, metrics));
  small->start();
  WebClient client(1);
  const std::string offer = client.offer({sends("audio")});
  const auto first = small->open(request(offer));
  ASSERT_TRUE(first);
  const auto second = small->open(request(offer));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  ASSERT_TRUE(small->close(first->session));
  EXPECT_TRUE(small->open(request(offer)));
}

TEST_F(Life, AnEngineMayGoWhileItsWorkersStillHaveSomethingToSay) {
  EngineOptions options;
  options.base_port = 0;
  options.workers = 2;
  options.addresses = {IpAddress::v4({127, 0, 0, 1})};
  Metrics metrics;
  auto brief = std::move(*Engine::create(options, loop_, metrics));
  brief->start(); // asks for RTP ports, which the workers answer by a task
  WebClient client(1);
  const auto answer = brief->open(request(client.offer({sends("audio")})));
  ASSERT_TRUE(answer && client.accept(answer->answer));
  ASSERT_TRUE(until([&] {
    client.pump();
    return client.connected();
  }));
  brief->statistics(answer->session, [](const Result<std::string>&) {});
  brief.reset();
  pass(30); // what was posted finds nobody, and touches nothing
}

// Ends by us, by the peer, before and after the connection, with and without slots: what is held afterwards
// is what was held before.
TEST_F(Life, ManySessionsLeaveNothing) {
  Guest& stays = join({sends("audio"), sends("video")});
  const auto cycle = [&](int number) {
    guests_.push_back(std::make_unique<Guest>(1000 + number));
    Guest& guest = *guests_.back();
    auto answer = engine_->open(request(guest.client.offer({sends("audio"), receives("video")}), 7));
    ASSERT_TRUE(answer) << answer.error().message;
    guest.answer = *answer;
    ASSERT_TRUE(guest.client.accept(answer->answer));
    fill(guest, 1, stays.track(1));
    // A handshake takes its time: most sessions end before it is done.
    if (number % 10 == 0) {
      ASSERT_TRUE(await_connection(guest));
      stays.client.send_frame(stays.client.source(1), true);
      ASSERT_TRUE(until([&] { return !guest.client.arrived.empty(); }));
    }
    if (number % 20 == 0) {
      guest.client.close_notify();
      ASSERT_TRUE(until([&] { return media_.closed.contains(guest.id()); }));
    } else {
      ASSERT_TRUE(engine_->close(guest.id()));
    }
    guests_.pop_back();
  };
  for (int i = 1; i <= 100; ++i)
    cycle(i);
  pass(50);
  const std::size_t descriptors = open_descriptors();
  const std::size_t memory = resident_kib();
  for (int i = 101; i <= 300; ++i)
    cycle(i);
  pass(50);
  EXPECT_EQ(engine_->sessions(), 1U);
  EXPECT_EQ(metric("viadux_media_sessions"), 1);
  EXPECT_EQ(metric("viadux_media_worker_sessions{worker=\"0\"}"), 1);
  EXPECT_EQ(metric("viadux_media_sessions_opened_total"), 301);
  EXPECT_EQ(figure(stays.id(), "/tracks/1/subscriptions"), 0);
  EXPECT_LE(open_descriptors(), descriptors);
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
  EXPECT_LT(resident_kib(), memory + 4 * 1024) << "200 sessions more have left something";
#else
  (void)memory; // their allocators keep what is freed
#endif
}

TEST_F(Life, EveryMetricIsInOrder) {
  Guest& guest = join({sends("audio"), sends("video")});
  ASSERT_TRUE(engine_->close(guest.id()));
  const std::string text = metrics_.serialize();
  EXPECT_EQ(metric("viadux_metrics_rejected_total"), 0) << text;
  EXPECT_EQ(metric("viadux_media_sessions_connected_total"), 1);
  EXPECT_EQ(metric("viadux_media_sessions_ended_total{reason=\"closed\"}"), 1);
}

} // namespace
} // namespace viadux
