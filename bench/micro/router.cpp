// What the routing core costs, per packet: reading, storing, handing one packet to N subscribers, building
// the bytes, answering a NACK. Run from a release build: bench_router --benchmark_repetitions=7
#include "core/router/router.hpp"
#include "core/router/subscription.hpp"
#include "core/rtp/packet.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <vector>

namespace {

using namespace viadux;

class Source final : public router::TrackSource {
 public:
  void request_key_frame(router::Track&, unsigned) override {}
};

// Takes a run; builds each packet's bytes if asked to.
class Sink final : public router::Egress {
 public:
  explicit Sink(bool builds) : builds_(builds) {}
  void send(std::span<const router::OutPacket> run) override {
    if (builds_) {
      for (const router::OutPacket& packet : run) {
        benchmark::DoNotOptimize(router::write_packet(packet, extensions, buffer_).size);
      }
    } else {
      benchmark::DoNotOptimize(run.data());
    }
  }
  void retransmit(std::span<const router::OutPacket> run) override { benchmark::DoNotOptimize(run.data()); }
  router::EgressExtensions extensions;

 private:
  bool builds_;
  std::array<std::uint8_t, rtp::max_packet_size + 64> buffer_{};
};

// VP8 packets of 1200 bytes, five to a frame of three temporal layers, after one key frame.
class Stream {
 public:
  Stream() : packet_(1200) {
    rtp::write_header({.payload_type = 96, .ssrc = 1}, packet_.data());
    const std::array<std::uint8_t, 7> descriptor{0x90, 0xf0, 0x80, 0, 0, 0, 0};
    std::copy(descriptor.begin(), descriptor.end(), packet_.begin() + rtp::header_size);
  }
  rtp::PacketView next() {
    constexpr std::array<std::uint8_t, 4> layers{0, 2, 1, 2};
    const std::uint64_t frame = count_ / 5;
    const bool first = count_ % 5 == 0;
    std::uint8_t* d = packet_.data() + rtp::header_size;
    d[0] = first ? 0x90 : 0x80;
    d[2] = static_cast<std::uint8_t>(0x80 | (frame >> 8 & 0x7f));
    d[3] = static_cast<std::uint8_t>(frame);
    d[4] = static_cast<std::uint8_t>(frame / 4);
    d[5] = static_cast<std::uint8_t>(layers[frame % 4] << 6 | (layers[frame % 4] != 0 ? 0x20 : 0));
    d[6] = frame == 0 && first ? 0 : 1;
    rtp::write_header({.marker = count_ % 5 == 4,
                       .payload_type = 96,
                       .sequence = static_cast<std::uint16_t>(count_),
                       .timestamp = static_cast<std::uint32_t>(frame * 3000),
                       .ssrc = 1},
                      packet_.data());
    ++count_;
    return *rtp::parse(packet_);
  }
  std::int64_t now_us() const { return static_cast<std::int64_t>(count_) * 6'666; }

 private:
  std::vector<std::uint8_t> packet_;
  std::uint64_t count_ = 0;
};

struct Scene {
  Scene(std::size_t subscribers, bool builds, unsigned temporal) {
    for (std::size_t i = 0; i < subscribers; ++i) {
      sinks.push_back(std::make_unique<Sink>(builds));
      slots.push_back(std::make_unique<router::Subscription>(
          router::SlotConfig{.ssrc = 7, .formats = {{rtp::Codec::vp8, 100, 0}}}, *sinks.back()));
      slots.back()->set_track(&track, 0);
      slots.back()->set_target({0, temporal}, 0);
    }
    for (int i = 0; i < 2000; ++i)
      step(); // the ring has its size
  }
  void step() {
    track.receive(0, stream.next(), {}, stream.now_us());
    if (++in_turn == 5) {
      in_turn = 0;
      worker.flush(stream.now_us());
    }
  }
  Source source;
  router::Router worker;
  router::Track track{{.id = 1, .codec = rtp::Codec::vp8}, source, worker};
  std::vector<std::unique_ptr<Sink>> sinks;
  std::vector<std::unique_ptr<router::Subscription>> slots;
  Stream stream;
  int in_turn = 0;
};

void parse(benchmark::State& state) {
  Stream stream;
  const rtp::PacketView view = stream.next();
  const std::span packet(view.payload.data() - rtp::header_size, view.payload.size() + rtp::header_size);
  for (auto _ : state) {
    const auto parsed = rtp::parse(packet);
    benchmark::DoNotOptimize(rtp::describe(rtp::Codec::vp8, parsed->payload));
  }
}
BENCHMARK(parse);

// One packet in, N out; the time is per packet out (per packet in for N = 0: storing alone).
void route(benchmark::State& state) {
  const auto subscribers = static_cast<std::size_t>(state.range(0));
  Scene scene(subscribers, state.range(1) != 0, static_cast<unsigned>(state.range(2)));
  for (auto _ : state)
    scene.step();
  const auto out =
      static_cast<double>(std::max<std::size_t>(subscribers, 1)) * static_cast<double>(state.iterations());
  state.counters["per_out"] =
      benchmark::Counter(out, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(route)
    ->ArgNames({"to", "build", "layer"})
    ->Args({0, 0, 2})
    ->Args({1, 0, 2})
    ->Args({100, 0, 2})
    ->Args({1000, 0, 2})
    ->Args({100, 0, 0})
    ->Args({100, 1, 2})
    ->Args({1000, 1, 2});

void write_with_extensions(benchmark::State& state) {
  rtp::ExtensionMap ids;
  ids.set(rtp::Extension::mid, 4);
  ids.set(rtp::Extension::transport_sequence, 3);
  Stream stream;
  std::vector<std::uint8_t> payload(1188, 1);
  router::StoredPacket source;
  source.payload = payload.data();
  source.payload_size = 1188;
  std::array<std::uint8_t, rtp::max_packet_size + 64> out;
  std::uint16_t sequence = 0;
  for (auto _ : state) {
    const router::EgressExtensions extensions{.ids = &ids, .mid = "0", .transport_sequence = ++sequence};
    benchmark::DoNotOptimize(
        router::write_packet({.source = &source, .sequence = sequence}, extensions, out).size);
  }
}
BENCHMARK(write_with_extensions);

void vp8_rewrite(benchmark::State& state) {
  Stream stream;
  const rtp::PacketView view = stream.next();
  const rtp::Vp8Descriptor descriptor = *rtp::parse_vp8(view.payload);
  router::Vp8Map map;
  map.start(descriptor);
  map.forward(descriptor);
  std::array<std::uint8_t, 8> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(map.fate(descriptor));
    benchmark::DoNotOptimize(rtp::write_vp8_descriptor(descriptor, map.rewrite(descriptor), out.data()));
  }
}
BENCHMARK(vp8_rewrite);

void nack(benchmark::State& state) {
  Scene scene(1, false, 2);
  const auto newest = static_cast<std::uint16_t>(scene.slots[0]->counters().packets - 1);
  std::int64_t now = scene.stream.now_us();
  std::uint16_t back = 0;
  for (auto _ : state) {
    const std::array<std::uint16_t, 1> wanted{static_cast<std::uint16_t>(newest - ++back % 64)};
    scene.slots[0]->handle_nack(wanted, now += 1'000, 0);
  }
}
BENCHMARK(nack);

} // namespace

BENCHMARK_MAIN();
