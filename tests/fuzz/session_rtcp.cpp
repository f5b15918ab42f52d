// A session that watches, fed with any RTCP while a well-behaved publisher fills its slots.
#include "session_stage.hpp"

namespace {

// Sequence numbers from 1, a key frame of layer q first; the header extension says MID 1 and RID q.
std::string vp8_packet(std::uint16_t sequence, bool key) {
  std::string packet{'\x90', '\x60', static_cast<char>(sequence >> 8), static_cast<char>(sequence)};
  packet += std::string{0, 0, static_cast<char>(sequence), 0, 0, 0, 0, 9};
  packet += std::string{'\xbe', '\xde', 0, 1, '\x40', '1', '\xa0', 'q'};
  packet += std::string{'\x90', '\x80', '\x80', static_cast<char>(sequence)};
  packet +=
      key ? std::string{'\x10', 0, 0, '\x9d', '\x01', '\x2a', 64, 1, '\xb4', 0} : std::string{'\x11', 0, 0};
  return packet + std::string(40, 'x');
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static viadux::SessionStage stage;
  stage.open();
  std::uint16_t sequence = 0;
  for (int i = 0; i < 4; ++i)
    stage.publish(vp8_packet(++sequence, i == 0));
  viadux::for_each_datagram(data, size, [&](std::string_view packet) {
    stage.watch(packet);
    ++sequence;
    stage.publish(vp8_packet(sequence, sequence % 8 == 0));
  });
  stage.close();
  return 0;
}
