// What a mixed room costs a codec thread: one tick of 20 ms. `participants/core` is how many
// one core carries. Run from a release build: bench_mixer --benchmark_repetitions=7
#include "core/mixer/audio_mix.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <numbers>

namespace {

using namespace viadux;
using mixer::frame_us;

// `speakers` speak at once, `listeners` more do not; all are on Opus and want the mix.
void mixed_room(benchmark::State& state) {
  const auto speakers = static_cast<std::uint64_t>(state.range(0));
  const auto listeners = static_cast<std::uint64_t>(state.range(1));
  mixer::AudioMix mix{mixer::AudioStyle{}};
  std::vector<std::vector<std::vector<std::uint8_t>>> packets(speakers);
  for (std::uint64_t id = 1; id <= speakers + listeners; ++id) {
    mix.add_voice(id, id, rtp::Codec::opus);
    if (id > speakers) continue;
    mix.add_output(1000 + id, id, rtp::Codec::opus);
    mix.set_wanted(1000 + id, true);
    const auto encoder = mixer::AudioEncoder::create(rtp::Codec::opus, {});
    double phase = 0;
    for (int i = 0; i < 100; ++i) { // something like a voice: a buzz that swells
      mixer::Frame frame;
      for (float& sample : frame) {
        phase += 2 * std::numbers::pi * (110.0 + static_cast<double>(id) * 13) / mixer::rate_hz;
        const double buzz = std::sin(phase) + std::sin(3 * phase) / 2 + std::sin(7 * phase) / 4;
        sample = static_cast<float>(0.15 * buzz * (1 + std::sin(i * 0.3)));
      }
      std::vector<std::uint8_t> packet(1500);
      packet.resize(encoder->encode(frame, packet));
      packets[id - 1].push_back(std::move(packet));
    }
  }
  mix.add_output(999, 0, rtp::Codec::opus);
  mix.set_wanted(999, true);
  std::int64_t now_us = 1'000'000;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  for (auto _ : state) {
    now_us += frame_us;
    ++sequence;
    timestamp += 960;
    for (std::uint64_t id = 1; id <= speakers; ++id)
      mix.voice(id)->put(sequence, timestamp, packets[id - 1][sequence % 100], 20, now_us);
    mix.tick(now_us, [](const mixer::MixPacket& packet) { benchmark::DoNotOptimize(packet.payload.data()); });
  }
  const auto people = static_cast<double>(speakers + listeners);
  state.counters["rooms/core"] =
      benchmark::Counter(static_cast<double>(state.iterations()) / 50, benchmark::Counter::kIsRate);
  state.counters["participants/core"] =
      benchmark::Counter(static_cast<double>(state.iterations()) / 50 * people, benchmark::Counter::kIsRate);
}
BENCHMARK(mixed_room)
    ->Args({1, 2})
    ->Args({2, 2})
    ->Args({3, 5})
    ->Args({3, 97})
    ->Args({3, 497})
    ->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
