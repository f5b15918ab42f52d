#include "core/rtp/h264.hpp"

#include "core/rtp/byte_order.hpp"

#include <array>

namespace viadux::rtp {
namespace {

constexpr std::uint8_t nal_idr = 5;
constexpr std::uint8_t nal_sps = 7;
constexpr std::uint8_t nal_stap_a = 24;
constexpr std::uint8_t nal_fu_a = 28;

// Bits of a NAL unit's payload, without the bytes that keep start codes out (H.264 section 7.4.1). Reading
// past the end gives zeros and is remembered.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint32_t bit() {
    if (left_ == 0 && !next_byte()) return 0;
    --left_;
    return (current_ >> left_) & 1U;
  }
  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    while (count-- > 0)
      value = value << 1 | bit();
    return value;
  }
  std::uint32_t exp_golomb() { // section 9.1
    unsigned zeros = 0;
    while (bit() == 0) {
      if (++zeros > 31 || overrun_) return overrun_ = true, 0;
    }
    return (1U << zeros) - 1 + bits(zeros);
  }
  std::int32_t signed_exp_golomb() {
    const std::uint32_t code = exp_golomb();
    const auto half = static_cast<std::int32_t>((code + 1) / 2);
    return (code & 1) != 0 ? half : -half;
  }
  bool overrun() const { return overrun_; }

 private:
  bool next_byte() {
    if (at_ >= bytes_.size()) return overrun_ = true, false;
    if (zeros_ >= 2 && bytes_[at_] == 3) {
      zeros_ = 0;
      if (++at_ >= bytes_.size()) return overrun_ = true, false;
    }
    current_ = bytes_[at_++];
    zeros_ = current_ == 0 ? zeros_ + 1 : 0;
    left_ = 8;
    return true;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  unsigned zeros_ = 0;
  unsigned left_ = 0;
  std::uint8_t current_ = 0;
  bool overrun_ = false;
};

void skip_scaling_list(BitReader& bits, unsigned size) {
  std::int32_t last = 8;
  std::int32_t next = 8;
  for (unsigned i = 0; i < size && !bits.overrun(); ++i) {
    if (next != 0) next = (last + bits.signed_exp_golomb() % 256 + 256) % 256;
    if (next != 0) last = next;
  }
}

bool has_chroma_format(std::uint32_t profile) {
  constexpr std::array<std::uint32_t, 13> profiles{100, 110, 122, 244, 44,  83, 86,
                                                   118, 128, 138, 139, 134, 135};
  for (const std::uint32_t known : profiles) {
    if (profile == known) return true;
  }
  return false;
}

// H.264 section 7.3.2.1.1, as far as the picture's size.
void read_size(std::span<const std::uint8_t> sps, H264Description& d) {
  BitReader bits(sps);
  const std::uint32_t profile = bits.bits(8);
  bits.bits(16); // constraints, level
  bits.exp_golomb();
  std::uint32_t chroma = 1;
  if (has_chroma_format(profile)) {
    chroma = bits.exp_golomb();
    if (chroma == 3) bits.bit();
    bits.exp_golomb();
    bits.exp_golomb();
    bits.bit();
    if (bits.bit() != 0) {
      const unsigned lists = chroma == 3 ? 12 : 8;
      for (unsigned i = 0; i < lists; ++i) {
        if (bits.bit() != 0) skip_scaling_list(bits, i < 6 ? 16 : 64);
      }
    }
  }
  bits.exp_golomb();
  const std::uint32_t order_type = bits.exp_golomb();
  if (order_type == 0) {
    bits.exp_golomb();
  } else if (order_type == 1) {
    bits.bit();
    bits.exp_golomb();
    bits.exp_golomb();
    const std::uint32_t cycle = bits.exp_golomb();
    for (std::uint32_t i = 0; i < cycle && !bits.overrun(); ++i)
      bits.exp_golomb();
  }
  bits.exp_golomb();
  bits.bit();
  const std::uint64_t width_blocks = std::uint64_t{bits.exp_golomb()} + 1;
  const std::uint64_t height_units = std::uint64_t{bits.exp_golomb()} + 1;
  const bool frames_only = bits.bit() != 0;
  if (!frames_only) bits.bit();
  bits.bit();
  std::uint64_t crop_x = 0;
  std::uint64_t crop_y = 0;
  if (bits.bit() != 0) {
    const std::uint64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
    const std::uint64_t unit_y = (chroma == 1 ? 2U : 1U) * (frames_only ? 1U : 2U);
    crop_x = unit_x * (std::uint64_t{bits.exp_golomb()} + bits.exp_golomb());
    crop_y = unit_y * (std::uint64_t{bits.exp_golomb()} + bits.exp_golomb());
  }
  const std::uint64_t width = width_blocks * 16;
  const std::uint64_t height = height_units * 16 * (frames_only ? 1 : 2);
  if (bits.overrun() || width > 16384 || height > 16384 || crop_x >= width || crop_y >= height) return;
  d.width = static_cast<std::uint16_t>(width - crop_x);
  d.height = static_cast<std::uint16_t>(height - crop_y);
}

void note_nal(std::span<const std::uint8_t> nal, H264Description& d) {
  const std::uint8_t type = nal[0] & 0x1f;
  if (type == nal_idr) d.starts_idr = true;
  if (type == nal_sps) {
    d.has_parameters = true;
    read_size(nal.subspan(1), d);
  }
}

// RFC 6184 section 5.7.1: sizes of two bytes, each before its NAL unit.
bool note_stap_a(std::span<const std::uint8_t> rest, H264Description& d) {
  bool any = false;
  while (rest.size() >= 2) {
    const std::size_t size = load16(rest.data());
    if (size == 0 || size > rest.size() - 2) return false;
    note_nal(rest.subspan(2, size), d);
    rest = rest.subspan(2 + size);
    any = true;
  }
  return any && rest.empty();
}

} // namespace

std::optional<H264Description> parse_h264(std::span<const std::uint8_t> payload) {
  if (payload.empty()) return std::nullopt;
  H264Description d;
  const std::uint8_t type = payload[0] & 0x1f;
  if (type >= 1 && type <= 23) {
    note_nal(payload, d);
  } else if (type == nal_stap_a) {
    d.mode = 1;
    if (!note_stap_a(payload.subspan(1), d)) return std::nullopt;
  } else if (type == nal_fu_a) {
    if (payload.size() < 3) return std::nullopt;
    d.mode = 1;
    d.starts_nal = (payload[1] & 0x80) != 0;
    const std::uint8_t inner = payload[1] & 0x1f;
    d.starts_idr = d.starts_nal && inner == nal_idr;
    d.has_parameters = d.starts_nal && inner == nal_sps;
  } else {
    d.mode = 2; // STAP-B, MTAP, FU-B: interleaved mode only
  }
  return d;
}

} // namespace viadux::rtp
