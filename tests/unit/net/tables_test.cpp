// The small structures below the worker: endpoints, routes, commands, frames.
#include "core/net/command_queue.hpp"
#include "core/net/endpoint.hpp"
#include "core/net/frame_reader.hpp"
#include "core/net/route_table.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace viadux {
namespace {

TEST(IpAddress, ReadsAndWritesBothFamilies) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::1", "::"}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1")) << "one form only";
  for (const char* text : {"", "192.0.2", "192.0.2.256", " 192.0.2.1", "[::1]", "fe80::1%eth0", "host",
                           "1.2.3.4:5", "1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(IpAddress, KnowsItsKind) {
  EXPECT_TRUE(IpAddress::parse("127.3.2.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("169.254.0.1")->is_link_local());
  EXPECT_TRUE(IpAddress::parse("fe80::1")->is_link_local());
  EXPECT_FALSE(IpAddress::parse("2001:db8::1")->is_link_local());
  EXPECT_TRUE(IpAddress::parse("0.0.0.0")->is_any());
  EXPECT_TRUE(IpAddress::parse("::")->is_any());
  EXPECT_FALSE(IpAddress::parse("0.0.0.1")->is_any());
}

TEST(Endpoint, SurvivesTheKernelsForm) {
  for (const char* text : {"192.0.2.1", "2001:db8::1"}) {
    const Endpoint endpoint{*IpAddress::parse(text), 4711};
    sockaddr_storage storage{};
    EXPECT_GT(endpoint.to_sockaddr(storage), 0U);
    EXPECT_EQ(Endpoint::from_sockaddr(storage), endpoint);
  }
  EXPECT_EQ((Endpoint{*IpAddress::parse("2001:db8::1"), 80}.to_string()), "[2001:db8::1]:80");
}

struct Sink final : DatagramSink {
  void on_datagrams(std::span<Datagram>) override {}
};

TEST(RouteTable, AgreesWithAnOrdinaryMap) {
  RouteTable table(42);
  std::vector<Sink> sinks(8);
  std::map<std::pair<SocketId, Endpoint>, DatagramSink*> expected;
  std::mt19937 random(5);
  const auto key = [&] {
    const auto host = static_cast<std::uint8_t>(random() % 40);
    return std::pair<SocketId, Endpoint>{
        1 + random() % 2, {IpAddress::v4({10, 0, 0, host}), static_cast<std::uint16_t>(random() % 40)}};
  };
  for (int round = 0; round < 200'000; ++round) {
    const auto [socket, remote] = key();
    switch (random() % 4) {
    case 0:
    case 1: {
      Sink& sink = sinks[random() % sinks.size()];
      table.set(socket, remote, sink);
      expected[{socket, remote}] = &sink;
      break;
    }
    case 2:
      table.erase(socket, remote);
      expected.erase({socket, remote});
      break;
    default: {
      const auto found = expected.find({socket, remote});
      ASSERT_EQ(table.find(socket, remote), found == expected.end() ? nullptr : found->second);
    }
    }
    ASSERT_EQ(table.size(), expected.size());
  }
}

TEST(CommandQueue, IsFirstInFirstOutAndBounded) {
  CommandQueue queue(3); // becomes 4
  std::vector<int> ran;
  for (int i = 0; i < 5; ++i) {
    Task task = [&ran, i] { ran.push_back(i); };
    EXPECT_EQ(queue.push(task), i < 4);
    EXPECT_EQ(task != nullptr, i >= 4) << "a refused task is left as it was";
  }
  EXPECT_EQ(queue.refused(), 1U);
  Task task;
  while (queue.pop(task))
    task();
  EXPECT_EQ(ran, (std::vector{0, 1, 2, 3}));
}

TEST(CommandQueue, KeepsEachWritersOrderUnderContention) {
  CommandQueue queue(64);
  constexpr int per_thread = 5000;
  constexpr std::size_t writers = 4;
  std::array<std::vector<int>, writers> seen;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < writers; ++t)
    threads.emplace_back([&queue, &seen, t] {
      for (int i = 0; i < per_thread; ++i) {
        Task task = [&seen, t, i] { seen[t].push_back(i); };
        while (!queue.push(task))
          std::this_thread::yield();
      }
    });
  Task task;
  for (std::size_t done = 0; done < writers * per_thread;) {
    if (!queue.pop(task)) {
      std::this_thread::yield();
      continue;
    }
    task();
    ++done;
  }
  for (auto& thread : threads)
    thread.join();
  for (const auto& numbers : seen) {
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(per_thread));
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

std::vector<std::string> feed(FrameReader& reader, std::string_view stream, std::size_t piece) {
  std::vector<std::string> frames;
  while (!stream.empty() && !reader.broken()) {
    const auto room = reader.room();
    const std::size_t size = std::min({piece, stream.size(), room.size()});
    std::copy_n(stream.begin(), size, room.begin());
    reader.filled(size);
    stream.remove_prefix(size);
    while (const auto frame = reader.next())
      frames.emplace_back(reinterpret_cast<const char*>(frame->data()), frame->size());
  }
  return frames;
}

TEST(FrameReader, FindsTheSameFramesHoweverTheStreamIsCut) {
  std::string stream;
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    const std::size_t size = static_cast<std::size_t>(i) * 37 % (FrameReader::max_frame + 1);
    const std::string frame(size, static_cast<char>('a' + i % 26));
    stream += static_cast<char>(size >> 8);
    stream += static_cast<char>(size & 0xff);
    stream += frame;
    if (size > 0) expected.push_back(frame);
  }
  for (const std::size_t piece : {1U, 2U, 3U, 100U, 1500U, 65'000U}) {
    FrameReader reader;
    EXPECT_EQ(feed(reader, stream, piece), expected) << piece;
    EXPECT_FALSE(reader.broken());
  }
}

TEST(FrameReader, AnOversizedFrameBreaksTheStream) {
  FrameReader reader;
  const auto frames = feed(reader, std::string("\0\1a\x08\x01", 5) + std::string(3000, 'x'), 100);
  EXPECT_EQ(frames, std::vector<std::string>{"a"});
  EXPECT_TRUE(reader.broken());
  EXPECT_TRUE(reader.room().empty());
}

} // namespace
} // namespace viadux
