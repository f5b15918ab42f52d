// What leaves: GSO runs, their fallback, and what is dropped.
#include "core/net/send_ring.hpp"

#include "core/net/socket_table.hpp"
#include "core/net/udp_socket.hpp"
#include "peer_socket.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <random>
#include <sys/epoll.h>
#include <vector>

namespace viadux {
namespace {

const IpAddress loopback = IpAddress::v4({127, 0, 0, 1});

// What the kernel is made to say.
int injected_errno = 0;
bool only_for_gso = true;
bool refuse_only_runs = false; // messages with marks are no runs
int calls = 0;
int send_with_errors(int socket, mmsghdr* messages, unsigned count, int flags) {
  ++calls;
  const msghdr& header = messages[0].msg_hdr;
  const bool gso =
      header.msg_controllen > 0 && (!refuse_only_runs || CMSG_FIRSTHDR(&header)->cmsg_type == UDP_SEGMENT);
  if (injected_errno != 0 && (gso || !only_for_gso)) {
    errno = injected_errno;
    return -1;
  }
  // One at a time, so that each message meets the error for itself.
  return sendmmsg(socket, messages, injected_errno ? 1 : count, flags);
}

struct SendRingTest : testing::Test {
  WorkerCounters counters;
  int epoll = epoll_create1(0);
  SocketTable sockets{epoll};
  SocketId socket = 0;
  PeerSocket one;
  PeerSocket two;

  SendRingTest() {
    socket = sockets.add_udp(*open_udp({loopback, 0}, {4 << 20, 4 << 20}), false, nullptr);
    injected_errno = 0;
    only_for_gso = true;
    refuse_only_runs = false;
    calls = 0;
  }
  ~SendRingTest() override { close(epoll); }
  Path to(const PeerSocket& peer) const { return {socket, peer.endpoint(), {}}; }
  static void say(SendRing& ring, const Path& path, std::string_view text) {
    const auto room = ring.reserve();
    std::copy(text.begin(), text.end(), room.begin());
    ring.commit(text.size(), path);
  }
  static std::vector<std::string> all(const PeerSocket& peer) {
    std::vector<std::string> packets;
    for (std::string packet = peer.receive(); !packet.empty(); packet = peer.receive())
      packets.push_back(packet);
    return packets;
  }
};

// The heart of it: whatever is written, what arrives is the same with GSO as without.
TEST_F(SendRingTest, AGsoRunArrivesLikeThePacketsSentOneByOne) {
  SendRing with(sockets, counters, true, nullptr);
  SendRing without(sockets, counters, false, nullptr);
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> packets;
    const std::size_t equal = 100 + random() % 1200;
    const int count = 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < count; ++i) {
      const std::size_t size = random() % 6 == 0 ? 1 + random() % 1500 : equal;
      packets.emplace_back(size, static_cast<char>('a' + i % 26));
    }
    for (const auto& packet : packets) {
      say(with, to(one), packet);
      say(without, to(two), packet);
    }
    with.flush();
    without.flush();
    ASSERT_EQ(all(one), packets);
    ASSERT_EQ(all(two), packets);
  }
  EXPECT_GT(counters.gso_packets_out.get(), 300U);
  EXPECT_EQ(counters.drop_send_error.get() + counters.gso_fallbacks.get(), 0U);
}

TEST_F(SendRingTest, EqualPacketsAreOneMessageAndTheShorterOneEndsIt) {
  SendRing ring(sockets, counters, true, nullptr);
  for (const std::size_t size : {500U, 500U, 500U, 300U, 300U, 500U})
    say(ring, to(one), std::string(size, 'x'));
  ring.flush();
  EXPECT_EQ(counters.messages_out.get(), 3U) << "500 500 500 300 | 300 | 500";
  EXPECT_EQ(counters.packets_out.get(), 6U);
  EXPECT_EQ(counters.bytes_out.get(), 2600U);
}

TEST_F(SendRingTest, ARunHasAtMost64Packets) {
  SendRing ring(sockets, counters, true, nullptr);
  for (int i = 0; i < 130; ++i)
    say(ring, to(one), std::string(200, 'x'));
  ring.flush();
  EXPECT_EQ(counters.messages_out.get(), 3U);
  EXPECT_EQ(all(one).size(), 130U);
}

TEST_F(SendRingTest, AFullBufferIsFlushedAndNothingIsLost) {
  SendRing ring(sockets, counters, true, nullptr);
  std::size_t received = 0;
  for (int i = 0; i < 1000; ++i) {
    say(ring, to(i % 2 ? one : two), std::string(1200, 'x'));
    if (i % 50 == 49) received += all(one).size() + all(two).size();
  }
  EXPECT_GT(counters.packets_out.get(), 0U) << "before any flush() of ours";
  for (; ring.queued_packets() > 0; received += all(one).size() + all(two).size())
    ring.flush();
  EXPECT_EQ(counters.packets_out.get(), 1000U);
  EXPECT_GE(received, 180U) << "what the peers' socket buffers hold at least";
}

struct Marks : SendRingTest, testing::WithParamInterface<const char*> {
  const IpAddress local = *IpAddress::parse(GetParam());
  PeerSocket peer{local};
  SocketId from = sockets.add_udp(*open_udp({local, 0}, {}), false, nullptr);

  // Size and octet of the header, packet by packet.
  std::vector<std::pair<std::size_t, int>> arrived() const {
    std::vector<std::pair<std::size_t, int>> all;
    int octet = 0;
    for (std::string packet = peer.receive_marked(octet); !packet.empty();
         packet = peer.receive_marked(octet))
      all.emplace_back(packet.size(), octet);
    return all;
  }
  void send_some(SendRing& ring, const Path& path) const {
    for (const int dscp : {46, 46, 34, 34, 34, 0, 0, 63}) {
      const auto room = ring.reserve();
      std::fill_n(room.begin(), 300, std::uint8_t{7});
      ring.commit(300, path, static_cast<std::uint8_t>(dscp));
    }
    ring.flush();
  }
  static std::vector<std::pair<std::size_t, int>> expected() {
    std::vector<std::pair<std::size_t, int>> all;
    for (const int dscp : {46, 46, 34, 34, 34, 0, 0, 63})
      all.emplace_back(300, dscp << 2);
    return all;
  }
};

TEST_P(Marks, AreOnEachPacketOfTheirRunAndOnNoOther) {
  EXPECT_TRUE(arrived().empty());
  SendRing with(sockets, counters, true, nullptr);
  send_some(with, {from, peer.endpoint(), {}});
  EXPECT_EQ(arrived(), expected());
  EXPECT_EQ(counters.messages_out.get(), 4U) << "46 46 | 34 34 34 | 0 0 | 63";
  EXPECT_EQ(counters.gso_packets_out.get(), 7U);
  SendRing without(sockets, counters, false, nullptr);
  send_some(without, {from, peer.endpoint(), {}});
  EXPECT_EQ(arrived(), expected());
}

TEST_P(Marks, StandBesideTheAddressThatAPacketLeavesFrom) {
  EXPECT_TRUE(arrived().empty());
  SendRing ring(sockets, counters, true, nullptr);
  send_some(ring, {from, peer.endpoint(), local});
  EXPECT_EQ(arrived(), expected());
}

TEST_P(Marks, StayWhereARunIsSentOneByOne) {
  EXPECT_TRUE(arrived().empty());
  SendRing ring(sockets, counters, true, send_with_errors);
  injected_errno = EIO;
  only_for_gso = true;
  refuse_only_runs = true;
  send_some(ring, {from, peer.endpoint(), {}});
  EXPECT_EQ(arrived(), expected());
  EXPECT_GT(counters.gso_fallbacks.get(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Families, Marks, testing::Values("127.0.0.1", "::1"));

struct Refusal : SendRingTest, testing::WithParamInterface<int> {};

TEST_P(Refusal, OfGsoMeansOneByOneForThisReceiverFromThenOn) {
  SendRing ring(sockets, counters, true, send_with_errors);
  injected_errno = GetParam();
  for (int i = 0; i < 5; ++i)
    say(ring, to(one), std::string(i < 4 ? 400 : 100, static_cast<char>('a' + i)));
  ring.flush();
  auto packets = all(one);
  ASSERT_EQ(packets.size(), 5U);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(packets[static_cast<std::size_t>(i)],
              std::string(i < 4 ? 400 : 100, static_cast<char>('a' + i)));
  EXPECT_EQ(counters.gso_fallbacks.get(), 1U);
  EXPECT_EQ(counters.packets_out.get(), 5U);
  EXPECT_EQ(counters.gso_packets_out.get(), 0U);

  injected_errno = 0;
  for (int i = 0; i < 3; ++i)
    say(ring, to(one), "again");
  for (int i = 0; i < 3; ++i)
    say(ring, to(two), "other");
  ring.flush();
  EXPECT_EQ(counters.gso_packets_out.get(), 3U) << "only the other receiver's";
  EXPECT_EQ(all(one).size(), 3U);
}
INSTANTIATE_TEST_SUITE_P(Errors, Refusal, testing::Values(EIO, EINVAL, EMSGSIZE));

TEST_F(SendRingTest, AFullSocketDropsAndCountsAndDoesNotWait) {
  SendRing ring(sockets, counters, true, send_with_errors);
  injected_errno = EAGAIN;
  only_for_gso = false;
  for (int i = 0; i < 200; ++i)
    say(ring, to(i % 2 ? one : two), "x");
  ring.flush();
  EXPECT_EQ(counters.drop_send_full.get(), 200U);
  EXPECT_EQ(calls, 1) << "once told, not asked again in this flush";
  EXPECT_EQ(ring.queued_packets(), 0U);
}

TEST_F(SendRingTest, AnErrorCostsItsMessageOnly) {
  SendRing ring(sockets, counters, true, nullptr);
  say(ring, {socket, {loopback, 0}, {}}, "nowhere"); // port 0: EINVAL
  say(ring, to(one), "somewhere");
  ring.flush();
  EXPECT_EQ(counters.drop_send_error.get(), 1U);
  EXPECT_EQ(all(one), std::vector<std::string>{"somewhere"});
}

TEST_F(SendRingTest, AClosedSocketsPacketsAreCounted) {
  SendRing ring(sockets, counters, true, nullptr);
  say(ring, to(one), "late");
  sockets.remove(socket);
  ring.flush();
  EXPECT_EQ(counters.drop_stale_socket.get(), 1U);
}

TEST_F(SendRingTest, ReservingTwiceGivesTheSameRoom) {
  SendRing ring(sockets, counters, true, nullptr);
  const auto first = ring.reserve();
  EXPECT_EQ(first.size(), max_packet_size);
  EXPECT_EQ(ring.reserve().data(), first.data());
  ring.commit(100, to(one));
  EXPECT_EQ(ring.reserve().data(), first.data() + 100) << "side by side";
}

} // namespace
} // namespace viadux
