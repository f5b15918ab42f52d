#include "bench/client/payload.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace viadux::bench {
namespace {

constexpr std::uint32_t stamp_magic = 0x56784265;

std::uint32_t checksum(const std::uint8_t* from, std::size_t size) { // FNV-1a
  std::uint32_t sum = 2166136261U;
  for (std::size_t i = 0; i < size; ++i)
    sum = (sum ^ from[i]) * 16777619U;
  return sum;
}

// Writes or compares the pattern, eight bytes at a time: an xorshift seeded by stream and counter.
class Pattern {
 public:
  explicit Pattern(const Stamp& stamp)
      : state_((std::uint64_t{stamp.stream} << 32 | stamp.counter) * 0x9E3779B97F4A7C15ULL | 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  std::uint64_t state_;
};

void write_body(std::span<std::uint8_t> out, const Stamp& stamp) {
  auto* at = store32(out.data(), stamp_magic);
  at = store32(store32(store32(at, stamp.stream), stamp.counter), stamp.frame);
  at = store16(store64(at, static_cast<std::uint64_t>(stamp.sent_us)), static_cast<unsigned>(out.size()));
  store32(at, checksum(out.data(), stamp_size - 4));
  Pattern pattern(stamp);
  for (std::size_t i = stamp_size; i < out.size(); i += 8) {
    const auto word = pattern.next();
    std::memcpy(&out[i], &word, std::min<std::size_t>(8, out.size() - i));
  }
}

std::optional<ReadPayload> read_body(Bytes body, bool deep) {
  if (body.size() < stamp_size || load32(body.data()) != stamp_magic) return std::nullopt;
  ReadPayload read;
  read.stamp.stream = load32(&body[4]);
  read.stamp.counter = load32(&body[8]);
  read.stamp.frame = load32(&body[12]);
  read.stamp.sent_us = static_cast<std::int64_t>(load64(&body[16]));
  read.intact =
      load16(&body[24]) == body.size() && load32(&body[26]) == checksum(body.data(), stamp_size - 4);
  if (!read.intact || !deep) return read;
  Pattern pattern(read.stamp);
  for (std::size_t i = stamp_size; i < body.size(); i += 8) {
    const auto word = pattern.next();
    if (std::memcmp(&body[i], &word, std::min<std::size_t>(8, body.size() - i)) != 0) read.intact = false;
  }
  return read;
}

} // namespace

void write_vp8(std::span<std::uint8_t> out, const Vp8Layer& layer, const Stamp& stamp) {
  // RFC 7741 4.2: X, S on the frame's first packet; I with a 15-bit picture id.
  auto* at = store8(out.data(), 0x80U | (layer.first ? 0x10U : 0U));
  at = store16(store8(at, 0x80), 0x8000U | layer.picture_id);
  if (layer.first) { // RFC 6386 9.1: the frame tag, in little endian
    const unsigned first_partition = 100;
    const auto tag = (layer.key ? 0U : 1U) | 1U << 4 | first_partition << 5;
    at = store8(store8(store8(at, tag), tag >> 8), tag >> 16);
    if (layer.key) {
      at = store24(at, 0x9D012A);
      at = store8(store8(at, layer.width), layer.width >> 8);
      at = store8(store8(at, layer.height), layer.height >> 8);
    }
  }
  write_body(out.subspan(static_cast<std::size_t>(at - out.data())), stamp);
}

void write_opus(std::span<std::uint8_t> out, const Stamp& stamp) {
  out[0] = 0xF8; // RFC 6716 3.1: CELT, fullband, 20 ms, mono, one frame
  write_body(out.subspan(1), stamp);
}

std::optional<ReadPayload> read_vp8(Bytes payload, bool deep) {
  if (payload.empty()) return std::nullopt;
  std::size_t at = 1;
  if ((payload[0] & 0x80) != 0) {
    if (payload.size() < 2) return std::nullopt;
    const auto which = payload[1];
    at = 2;
    if ((which & 0x80) != 0) at += payload.size() > at && (payload[at] & 0x80) != 0 ? 2 : 1;
    if ((which & 0x40) != 0) ++at;
    if ((which & 0x30) != 0) ++at;
  }
  bool key = false;
  if ((payload[0] & 0x17) == 0x10) { // S and partition 0
    if (payload.size() < at + 3) return std::nullopt;
    key = (payload[at] & 1) == 0;
    at += key ? 10 : 3;
  }
  if (at > payload.size()) return std::nullopt;
  auto read = read_body(payload.subspan(at), deep);
  if (read) read->key = key;
  return read;
}

std::optional<ReadPayload> read_opus(Bytes payload, bool deep) {
  if (payload.empty()) return std::nullopt;
  return read_body(payload.subspan(1), deep);
}

} // namespace viadux::bench
