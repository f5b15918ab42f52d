// Two senders of hostile sound in a mix: any order, time and payload. Nothing may crash, grow or take for
// ever.
#include "core/mixer/audio_mix.hpp"

#include <cstdlib>

namespace {

struct Bytes {
  std::span<const std::uint8_t> left;
  std::uint32_t take(std::size_t count) {
    std::uint32_t value = 0;
    for (; count > 0 && !left.empty(); --count, left = left.subspan(1))
      value = value << 8U | left.front();
    return value;
  }
  std::span<const std::uint8_t> take_some(std::size_t count) {
    const auto taken = left.first(std::min(count, left.size()));
    left = left.subspan(taken.size());
    return taken;
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using viadux::rtp::Codec;
  Bytes bytes{{data, size}};
  constexpr Codec codecs[] = {Codec::opus, Codec::g722, Codec::pcma, Codec::pcmu};
  viadux::mixer::AudioMix mix({});
  for (std::uint64_t person = 1; person <= 2; ++person) {
    mix.add_voice(person, person, codecs[bytes.take(1) % 4]);
    mix.add_output(10 + person, person, codecs[bytes.take(1) % 4]);
    mix.set_wanted(10 + person, true);
  }
  std::int64_t now_us = 0;
  for (int step = 0; step < 200 && !bytes.left.empty(); ++step) {
    const std::uint32_t what = bytes.take(1);
    const auto sequence = static_cast<std::uint16_t>(bytes.take(2));
    const std::uint32_t timestamp = bytes.take(4);
    const auto payload = bytes.take_some(what >> 2U);
    if (!payload.empty())
      mix.voice(1 + (what & 1U))
          ->put(sequence, timestamp, payload, what & 2U ? std::optional<std::uint8_t>(10) : std::nullopt,
                now_us);
    if (step % 4 == 3) {
      now_us += 20'000;
      mix.tick(now_us, [](const viadux::mixer::MixPacket& packet) {
        if (packet.payload.size() > viadux::mixer::AudioEncoder::max_bytes) std::abort();
      });
    }
  }
  return 0;
}
