#include "ogg_opus.hpp"

namespace prompts {
namespace {

constexpr std::size_t page_head = 27;
constexpr std::size_t longest_packet = 1200; // what the host takes in one

viadux::Error wrong(std::string_view what) {
  return viadux::make_error(viadux::ErrorCode::bad_argument, "not_opus", std::string(what), {},
                            "opusenc --framesize 20 makes one that fits");
}

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// RFC 6716 section 3.1: the first byte says how long a frame is, and (with the second) how many there are.
unsigned duration_us(std::string_view packet) {
  constexpr unsigned silk_us[] = {10'000, 20'000, 40'000, 60'000};
  const unsigned config = byte_at(packet, 0) >> 3U;
  const unsigned frame_us = config < 12   ? silk_us[config & 3U]
                            : config < 16 ? 10'000U << (config & 1U)
                                          : 2'500U << (config & 3U);
  const unsigned count = byte_at(packet, 0) & 3U;
  if (count < 3) return frame_us * (count == 0 ? 1 : 2);
  return packet.size() < 2 ? 0 : frame_us * (byte_at(packet, 1) & 63U);
}

// "OpusHead", version, channels, pre-skip, rate, gain, mapping family.
bool is_head(std::string_view packet) {
  return packet.size() >= 19 && packet.starts_with("OpusHead") && byte_at(packet, 8) < 16 &&
         (byte_at(packet, 9) == 1 || byte_at(packet, 9) == 2) && byte_at(packet, 18) == 0;
}

} // namespace

viadux::Result<std::vector<std::string>> read_ogg_opus(std::string_view file) {
  if (file.size() > longest_file) return wrong("the file is larger than 1 MiB");
  std::vector<std::string> packets;
  std::string packet; // that goes on in the next segment, perhaps of the next page
  std::size_t seen = 0;
  while (!file.empty()) {
    if (file.size() < page_head || !file.starts_with("OggS")) return wrong("it is no Ogg file, or damaged");
    const std::size_t segments = byte_at(file, page_head - 1);
    if (file.size() < page_head + segments) return wrong("the file ends within a page");
    const std::string_view table = file.substr(page_head, segments);
    file.remove_prefix(page_head + segments);
    for (const char entry : table) {
      const std::size_t size = static_cast<unsigned char>(entry);
      if (file.size() < size) return wrong("the file ends within a page");
      packet += file.substr(0, size);
      file.remove_prefix(size);
      if (size == 255) continue;
      if (seen++ == 0 && !is_head(packet)) return wrong("it is no Opus file with one or two channels");
      if (seen > 2) { // after the head and the tags
        if (packet.empty() || packet.size() > longest_packet || duration_us(packet) != packet_ms * 1000)
          return wrong("its packets are not of 20 ms");
        if (packets.size() == most_packets) return wrong("it is longer than a minute");
        packets.push_back(packet);
      }
      packet.clear();
    }
  }
  if (packets.empty()) return wrong("there is no sound in it");
  return packets;
}

} // namespace prompts
