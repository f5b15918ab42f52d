// The rule of the hot path: once a stream runs, no packet costs an allocation. Every operator new of this
// program is counted here.
#include "router/stage.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

// The thread sanitizer has its own operator new, which cannot be replaced.
#if !__has_feature(thread_sanitizer)

namespace {
std::atomic<std::uint64_t> allocations{0};
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory; // NOLINT(*-no-malloc)
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
} // NOLINT(*-no-malloc)
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
} // NOLINT(*-no-malloc)

namespace viadux::router::test {
namespace {

class Writer final : public Egress {
 public:
  void send(std::span<const OutPacket> run) override {
    for (const OutPacket& out : run)
      bytes += write_packet(out, {}, buffer).size;
  }
  void retransmit(std::span<const OutPacket> run) override { send(run); }
  std::array<std::uint8_t, rtp::max_packet_size + 64> buffer{};
  std::size_t bytes = 0;
};

TEST(Allocation, ThereIsNoneWhileAStreamRuns) {
  Router router;
  Stage stage(router, {.encodings = 3});
  std::array<Writer, 8> writers;
  std::vector<std::unique_ptr<Subscription>> slots;
  std::int64_t now = 1'000'000;
  for (Writer& writer : writers) {
    slots.push_back(std::make_unique<Subscription>(vp8_slot(), writer));
    slots.back()->set_track(&stage.track, now);
  }
  std::vector<SentPart> parts; // made beforehand, as making them allocates
  for (int i = 0; i < 600; ++i) {
    for (SentPart& part : stage.publisher.frame(now + i * frame_us))
      parts.push_back(std::move(part));
    if (i % 90 == 45) stage.publisher.request_key_frame(static_cast<unsigned>(i) % 3);
  }
  std::uint64_t before = 0;
  std::size_t forwarded = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == parts.size() / 2) { // rings and maps have their size now
      before = allocations.load();
      for (const Writer& writer : writers)
        forwarded += writer.bytes;
    }
    now = parts[i].at_us;
    stage.deliver(parts[i], now);
    if (i % 5 == 4) {
      router.flush(now);
      router.tick(now);
    }
    if (i % 50 == 49) {
      slots[i % 8]->set_target({static_cast<unsigned>(i / 50 % 3), static_cast<unsigned>(i / 50 % 2) + 1},
                               now);
      const std::array<std::uint16_t, 2> lost{65'530, 3};
      slots[i % 8]->handle_nack(lost, now, 20'000);
      slots[i % 8]->repeat_newest(3);
    }
  }
  EXPECT_EQ(allocations.load() - before, 0U);
  std::size_t total = 0;
  for (const Writer& writer : writers)
    total += writer.bytes;
  EXPECT_GT(total, forwarded + 100'000); // it did run
}

} // namespace
} // namespace viadux::router::test

#endif
