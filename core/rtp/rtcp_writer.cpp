#include "core/rtp/rtcp_writer.hpp"

#include "core/rtp/byte_order.hpp"

#include <algorithm>
#include <cstring>

namespace viadux::rtp {
namespace {

constexpr unsigned max_count = 31; // five bits

void write_blocks(std::uint8_t* p, std::span<const ReportBlock> blocks) {
  for (const ReportBlock& block : blocks) {
    store32(p, block.ssrc);
    p[4] = block.fraction_lost;
    store24(p + 5, static_cast<std::uint32_t>(std::clamp(block.cumulative_lost, -0x800000, 0x7fffff)));
    store32(p + 8, block.highest_sequence);
    store32(p + 12, block.jitter);
    store32(p + 16, block.last_sr);
    store32(p + 20, block.delay_since_last_sr);
    p += 24;
  }
}

// The exponent that brings `value` under `limit`, rounding down: a limit must not grow on the way.
unsigned exponent_for(std::uint64_t value, std::uint64_t limit) {
  unsigned exponent = 0;
  while ((value >> exponent) > limit)
    ++exponent;
  return exponent;
}

} // namespace

// The common header, with `size` bytes behind it; null if there is no room. `size` is a multiple of four.
std::uint8_t* RtcpWriter::begin(unsigned count, unsigned type, std::size_t size) {
  if (out_.size() - size_ < size + 4) return nullptr;
  std::uint8_t* p = out_.data() + size_;
  p[0] = static_cast<std::uint8_t>(0x80 | count);
  p[1] = static_cast<std::uint8_t>(type);
  store16(p + 2, static_cast<std::uint16_t>(size / 4));
  size_ += size + 4;
  return p + 4;
}

bool RtcpWriter::sender_report(const SenderReport& report, std::span<const ReportBlock> blocks) {
  blocks = blocks.first(std::min<std::size_t>(blocks.size(), max_count));
  std::uint8_t* p = begin(static_cast<unsigned>(blocks.size()), 200, 24 + blocks.size() * 24);
  if (p == nullptr) return false;
  store32(p, report.ssrc);
  store64(p + 4, report.ntp);
  store32(p + 12, report.timestamp);
  store32(p + 16, report.packet_count);
  store32(p + 20, report.octet_count);
  write_blocks(p + 24, blocks);
  return true;
}

bool RtcpWriter::receiver_report(std::uint32_t sender, std::span<const ReportBlock> blocks) {
  blocks = blocks.first(std::min<std::size_t>(blocks.size(), max_count));
  std::uint8_t* p = begin(static_cast<unsigned>(blocks.size()), 201, 4 + blocks.size() * 24);
  if (p == nullptr) return false;
  store32(p, sender);
  write_blocks(p + 4, blocks);
  return true;
}

bool RtcpWriter::cname(std::uint32_t ssrc, std::string_view name) {
  name = name.substr(0, 255);
  const std::size_t items = (2 + name.size() + 1 + 3) / 4 * 4; // the item, its terminating zero, padding
  std::uint8_t* p = begin(1, 202, 4 + items);
  if (p == nullptr) return false;
  store32(p, ssrc);
  std::memset(p + 4, 0, items);
  p[4] = 1;
  p[5] = static_cast<std::uint8_t>(name.size());
  std::memcpy(p + 6, name.data(), name.size());
  return true;
}

bool RtcpWriter::bye(std::span<const std::uint32_t> ssrcs) {
  ssrcs = ssrcs.first(std::min<std::size_t>(ssrcs.size(), max_count));
  std::uint8_t* p = begin(static_cast<unsigned>(ssrcs.size()), 203, ssrcs.size() * 4);
  if (p == nullptr) return false;
  for (const std::uint32_t ssrc : ssrcs) {
    store32(p, ssrc);
    p += 4;
  }
  return true;
}

bool RtcpWriter::nack(std::uint32_t sender, std::uint32_t media, std::span<const std::uint16_t> sequences) {
  if (sequences.empty() || out_.size() - size_ < 16) return sequences.empty();
  const std::size_t items_at = size_ + 12;
  std::size_t at = items_at;
  std::size_t i = 0;
  while (i < sequences.size() && at + 4 <= out_.size()) {
    const std::uint16_t first = sequences[i++];
    std::uint16_t mask = 0;
    while (i < sequences.size()) {
      const auto step = static_cast<std::uint16_t>(sequences[i] - first);
      if (step == 0 || step > 16) break;
      mask = static_cast<std::uint16_t>(mask | (1U << (step - 1)));
      ++i;
    }
    store16(out_.data() + at, first);
    store16(out_.data() + at + 2, mask);
    at += 4;
  }
  std::uint8_t* p = begin(1, 205, 8 + (at - items_at));
  store32(p, sender);
  store32(p + 4, media);
  return i == sequences.size();
}

bool RtcpWriter::pli(std::uint32_t sender, std::uint32_t media) {
  std::uint8_t* p = begin(1, 206, 8);
  if (p == nullptr) return false;
  store32(p, sender);
  store32(p + 4, media);
  return true;
}

// RFC 5104 section 4.3.1: the media SSRC of the header is 0, the entry names the one meant.
bool RtcpWriter::fir(std::uint32_t sender, std::uint32_t media, std::uint8_t command_sequence) {
  std::uint8_t* p = begin(4, 206, 16);
  if (p == nullptr) return false;
  store32(p, sender);
  store32(p + 4, 0);
  store32(p + 8, media);
  store32(p + 12, std::uint32_t{command_sequence} << 24);
  return true;
}

bool RtcpWriter::remb(std::uint32_t sender, std::uint64_t bitrate_bps, std::span<const std::uint32_t> ssrcs) {
  ssrcs = ssrcs.first(std::min<std::size_t>(ssrcs.size(), 255));
  std::uint8_t* p = begin(15, 206, 16 + ssrcs.size() * 4);
  if (p == nullptr) return false;
  const unsigned exponent = exponent_for(bitrate_bps, 0x3ffff);
  store32(p, sender);
  store32(p + 4, 0);
  store32(p + 8, 0x52454d42); // "REMB"
  p[12] = static_cast<std::uint8_t>(ssrcs.size());
  store24(p + 13, (exponent << 18) | static_cast<std::uint32_t>(bitrate_bps >> exponent));
  p += 16;
  for (const std::uint32_t ssrc : ssrcs) {
    store32(p, ssrc);
    p += 4;
  }
  return true;
}

bool RtcpWriter::rate_entries(unsigned format, std::uint32_t sender, std::span<const TmmbrEntry> entries) {
  std::uint8_t* p = begin(format, 205, 8 + entries.size() * 8);
  if (p == nullptr) return false;
  store32(p, sender);
  store32(p + 4, 0);
  p += 8;
  for (const TmmbrEntry& entry : entries) {
    const unsigned exponent = exponent_for(entry.bitrate_bps, 0x1ffff);
    store32(p, entry.ssrc);
    store32(p + 4, (exponent << 26) | (static_cast<std::uint32_t>(entry.bitrate_bps >> exponent) << 9) |
                       (entry.overhead_bytes & 0x1ffU));
    p += 8;
  }
  return true;
}

bool RtcpWriter::tmmbr(std::uint32_t sender, std::span<const TmmbrEntry> entries) {
  return rate_entries(3, sender, entries);
}

bool RtcpWriter::tmmbn(std::uint32_t sender, std::span<const TmmbrEntry> entries) {
  return rate_entries(4, sender, entries);
}

} // namespace viadux::rtp
