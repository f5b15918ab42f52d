// A worker with real sockets on loopback.
#include "core/net/worker.hpp"

#include "core/net/udp_socket.hpp"
#include "peer_socket.hpp"
#include "test_clock.hpp"

#include <atomic>
#include <cerrno>
#include <gtest/gtest.h>
#include <thread>

namespace viadux {
namespace {

const IpAddress loopback = IpAddress::v4({127, 0, 0, 1});

struct Recorder final : DatagramSink {
  std::vector<std::string> seen;
  std::vector<std::size_t> batches;
  std::vector<Path> paths;
  std::vector<Path> closed;
  void on_datagrams(std::span<Datagram> batch) override {
    batches.push_back(batch.size());
    for (const Datagram& d : batch) {
      seen.emplace_back(reinterpret_cast<const char*>(d.data), d.size);
      paths.push_back(d.path);
    }
  }
  void on_path_closed(const Path& path) override { closed.push_back(path); }
};

struct WorkerTest : testing::Test {
  TestClock clock;
  WorkerConfig config;
  std::unique_ptr<Worker> worker;

  WorkerTest() {
    config.base_port = 0;
    config.addresses = {loopback};
  }
  void open() {
    auto made = Worker::create(config, clock);
    ASSERT_TRUE(made) << made.error().message;
    worker = std::move(*made);
  }
  Endpoint server() const { return {loopback, worker->port()}; }
  void say(const Path& path, std::string_view text) const {
    const auto room = worker->output().reserve();
    std::copy(text.begin(), text.end(), room.begin());
    worker->output().commit(text.size(), path);
  }
};

TEST_F(WorkerTest, UnknownSendersGoToTheUnknownSinkAndBoundOnesToTheirs) {
  open();
  Recorder unknown;
  Recorder bound;
  worker->set_unknown_sink(&unknown);
  PeerSocket one;
  PeerSocket two;
  one.send(server(), "a");
  worker->turn(100'000);
  ASSERT_EQ(unknown.seen, std::vector<std::string>{"a"});
  EXPECT_EQ(unknown.paths[0].remote, one.endpoint());

  worker->bind(unknown.paths[0], bound);
  one.send(server(), "b");
  two.send(server(), "x");
  one.send(server(), "c");
  worker->turn(100'000);
  EXPECT_EQ(bound.seen, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(bound.batches, std::vector<std::size_t>{2}) << "one call per sink and batch";
  EXPECT_EQ(unknown.seen, (std::vector<std::string>{"a", "x"}));

  worker->unbind(bound.paths[0]);
  one.send(server(), "d");
  worker->turn(100'000);
  EXPECT_EQ(unknown.seen.back(), "d");
  worker->set_unknown_sink(nullptr);
}

TEST_F(WorkerTest, WithoutASinkPacketsAreDroppedAndCounted) {
  open();
  PeerSocket peer;
  peer.send(server(), "a");
  worker->turn(100'000);
  EXPECT_EQ(worker->counters().drop_unknown.get(), 1U);
  EXPECT_EQ(worker->counters().packets_in.get(), 1U);
}

TEST_F(WorkerTest, TooLargeADatagramIsDroppedAndCounted) {
  open();
  Recorder sink;
  worker->set_unknown_sink(&sink);
  PeerSocket peer;
  peer.send(server(), std::string(3000, 'x'));
  peer.send(server(), "ok");
  worker->turn(100'000);
  EXPECT_EQ(sink.seen, std::vector<std::string>{"ok"});
  EXPECT_EQ(worker->counters().drop_truncated.get(), 1U);
}

TEST_F(WorkerTest, UnbindingWithinABatchDropsTheRestOfIt) {
  open();
  struct Unbinder final : DatagramSink {
    Worker* worker = nullptr;
    Path other;
    void on_datagrams(std::span<Datagram>) override { worker->unbind(other); }
  } first;
  Recorder second;
  Recorder unknown;
  PeerSocket one;
  PeerSocket two;
  worker->set_unknown_sink(&unknown);
  one.send(server(), "1");
  two.send(server(), "2");
  worker->turn(100'000);
  ASSERT_EQ(unknown.paths.size(), 2U);
  first.worker = worker.get();
  first.other = unknown.paths[1];
  worker->bind(unknown.paths[0], first);
  worker->bind(unknown.paths[1], second);
  one.send(server(), "3");
  two.send(server(), "4");
  worker->turn(100'000);
  EXPECT_TRUE(second.seen.empty());
  EXPECT_EQ(unknown.seen.size(), 2U);
}

TEST_F(WorkerTest, AWildcardSocketAnswersFromTheAddressThatWasAsked) {
  config.addresses = {};
  open();
  Recorder sink;
  worker->set_unknown_sink(&sink);
  PeerSocket peer;
  peer.send({IpAddress::v4({127, 0, 0, 7}), worker->port()}, "hello");
  worker->turn(100'000);
  ASSERT_EQ(sink.paths.size(), 1U);
  EXPECT_EQ(sink.paths[0].local.to_string(), "127.0.0.7");
  say(sink.paths[0], "hi");
  worker->turn();
  Endpoint from;
  EXPECT_EQ(peer.receive(&from), "hi");
  EXPECT_EQ(from.to_string(), "127.0.0.7:" + std::to_string(worker->port()));
}

TEST_F(WorkerTest, SpeaksIpv6) {
  config.addresses = {*IpAddress::parse("::1")};
  auto made = Worker::create(config, clock);
  if (!made) GTEST_SKIP() << made.error().message;
  worker = std::move(*made);
  Recorder sink;
  worker->set_unknown_sink(&sink);
  PeerSocket peer(*IpAddress::parse("::1"));
  peer.send({*IpAddress::parse("::1"), worker->port()}, "hello");
  worker->turn(100'000);
  ASSERT_EQ(sink.seen.size(), 1U);
  for (int i = 0; i < 3; ++i)
    say(sink.paths[0], "abc");
  worker->turn();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(peer.receive(), "abc");
  EXPECT_EQ(worker->counters().gso_packets_out.get(), 3U);
}

TEST_F(WorkerTest, PostedTasksRunInOrderAndTheQueueIsBounded) {
  config.command_queue = 4;
  open();
  std::vector<int> ran;
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(worker->post([&ran, i] { ran.push_back(i); }), i < 4);
  EXPECT_EQ(worker->refused_tasks(), 2U);
  worker->turn();
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_TRUE(worker->post([] {}));
}

TEST_F(WorkerTest, AStartedWorkerTakesTasksFromManyThreadsAndStopRunsTheRest) {
  open();
  worker->start();
  std::atomic<int> ran{0};
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i)
        while (!worker->post([&] { ++ran; }))
          std::this_thread::yield();
      accepted += 2000;
    });
  for (auto& thread : threads)
    thread.join();
  bool on_worker = false;
  ASSERT_TRUE(worker->post([&] { on_worker = worker->on_worker_thread(); }));
  worker->stop();
  EXPECT_EQ(ran, accepted);
  EXPECT_TRUE(on_worker);
  EXPECT_FALSE(worker->on_worker_thread());
  EXPECT_FALSE(worker->post([] {})) << "a stopped worker takes nothing";
}

TEST_F(WorkerTest, AtMostFourStepsRunInATurnInTheOrderAsked) {
  open();
  struct Step final : LimitedStep {
    std::vector<int>* log = nullptr;
    int number = 0;
    void run_step() override { log->push_back(number); }
  };
  std::vector<int> log;
  std::vector<Step> steps(6);
  for (int i = 0; i < 6; ++i) {
    steps[static_cast<std::size_t>(i)].log = &log;
    steps[static_cast<std::size_t>(i)].number = i;
    worker->request_step(steps[static_cast<std::size_t>(i)]);
  }
  worker->request_step(steps[0]); // asked already
  worker->withdraw_step(steps[2]);
  worker->turn();
  EXPECT_EQ(log, (std::vector<int>{0, 1, 3, 4}));
  worker->turn();
  EXPECT_EQ(log, (std::vector<int>{0, 1, 3, 4, 5}));
  EXPECT_EQ(worker->counters().steps_deferred.get(), 1U);
}

TEST_F(WorkerTest, TurnHooksMaySendAndBeRemoved) {
  open();
  Recorder sink;
  worker->set_unknown_sink(&sink);
  PeerSocket peer;
  peer.send(server(), "hello");
  worker->turn(100'000);
  struct Hook final : TurnHook {
    WorkerTest* test = nullptr;
    Path path;
    void on_turn_end() override {
      test->say(path, "end");
      test->worker->remove_turn_hook(*this);
    }
  } hook;
  hook.test = this;
  hook.path = sink.paths.at(0);
  worker->add_turn_hook(hook);
  worker->turn();
  worker->turn();
  EXPECT_EQ(peer.receive(), "end");
  EXPECT_EQ(peer.receive(), "");
}

TEST_F(WorkerTest, APortPairIsEvenThenOddAndGivesAllToItsOwner) {
  open();
  Recorder sink;
  auto port = worker->open_rtp_port({50'001, 59'999}, loopback, sink);
  ASSERT_TRUE(port) << port.error().message;
  EXPECT_EQ(port->port % 2, 0);
  PeerSocket peer;
  peer.send({loopback, port->port}, "rtp");
  worker->turn(100'000);
  peer.send({loopback, static_cast<std::uint16_t>(port->port + 1)}, "rtcp");
  worker->turn(100'000);
  ASSERT_EQ(sink.seen, (std::vector<std::string>{"rtp", "rtcp"}));
  EXPECT_EQ(sink.paths[0].socket, port->rtp);
  EXPECT_EQ(sink.paths[1].socket, port->rtcp);
  worker->close_rtp_port(*port);
  say(sink.paths[0], "late");
  worker->turn();
  EXPECT_EQ(worker->counters().drop_stale_socket.get(), 1U);
}

TEST_F(WorkerTest, AFullRangeOfPortsIsToldKindly) {
  open();
  Recorder sink;
  auto one = worker->open_rtp_port({50'100, 59'000}, loopback, sink);
  ASSERT_TRUE(one);
  auto two = worker->open_rtp_port({one->port, static_cast<std::uint16_t>(one->port + 1)}, loopback, sink);
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().code, ErrorCode::busy);
  EXPECT_EQ(two.error().field, "media.rtp_ports");
}

TEST_F(WorkerTest, ATakenPortAndAForeignAddressAreToldKindly) {
  open();
  WorkerConfig second = config;
  second.base_port = worker->port();
  auto taken = Worker::create(second, clock);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().field, "media.port");
  second.base_port = 0;
  second.addresses = {*IpAddress::parse("192.0.2.1")};
  auto foreign = Worker::create(second, clock);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().field, "media.addresses");
}

TEST_F(WorkerTest, TcpFramesGoBothWaysAndTheEndIsTold) {
  open();
  Recorder unknown;
  Recorder bound;
  worker->set_unknown_sink(&unknown);
  auto peer = std::make_unique<PeerStream>(server());
  peer->send("first");
  for (int i = 0; i < 5 && unknown.seen.empty(); ++i)
    worker->turn(100'000);
  ASSERT_EQ(unknown.seen, std::vector<std::string>{"first"});
  const Path path = unknown.paths[0];
  worker->bind(path, bound);
  peer->send("second");
  worker->turn(100'000);
  EXPECT_EQ(bound.seen, std::vector<std::string>{"second"});
  say(path, "answer one");
  say(path, "answer two");
  worker->turn();
  EXPECT_EQ(peer->receive(), "answer one");
  EXPECT_EQ(peer->receive(), "answer two");
  peer.reset();
  worker->turn(100'000);
  ASSERT_EQ(bound.closed.size(), 1U);
  EXPECT_EQ(bound.closed[0], path);
}

TEST_F(WorkerTest, ATcpConnectionThatNobodyKnowsIsClosedAfterTenSeconds) {
  open();
  PeerStream peer(server());
  for (int i = 0; i < 5 && worker->counters().tcp_accepted.get() == 0; ++i)
    worker->turn(100'000);
  clock.time_us += 9'000'000;
  worker->turn();
  EXPECT_FALSE(peer.closed());
  clock.time_us += 2'000'000;
  worker->turn();
  worker->turn();
  EXPECT_TRUE(peer.closed());
}

TEST_F(WorkerTest, ATcpPeerThatDoesNotReadLosesPacketsNotOurMemory) {
  open();
  Recorder unknown;
  worker->set_unknown_sink(&unknown);
  PeerStream peer(server());
  peer.send("x");
  for (int i = 0; i < 5 && unknown.paths.empty(); ++i)
    worker->turn(100'000);
  ASSERT_FALSE(unknown.paths.empty());
  worker->bind(unknown.paths[0], unknown);
  const std::string packet(1200, 'p');
  for (int i = 0; i < 20'000 && worker->counters().drop_tcp_backlog.get() == 0; ++i) {
    say(unknown.paths[0], packet);
    if (i % 50 == 0) worker->turn();
  }
  EXPECT_GT(worker->counters().drop_tcp_backlog.get(), 0U);
  EXPECT_LE(worker->backlog_bytes(unknown.paths[0].socket), 256U * 1024);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(peer.receive().size(), 1200U) << "the framing holds";
  worker->unbind(unknown.paths[0]);
}

} // namespace
} // namespace viadux
