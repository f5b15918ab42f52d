#include "core/sdp/h264.hpp"

#include "core/sdp/codecs.hpp"
#include "core/sdp/text.hpp"

#include <array>
#include <cstdio>

namespace viadux::sdp {
namespace {

// RFC 6184 table 5: which profile_idc and profile-iop (bits that must be as given, under a mask) mean what.
struct ProfilePattern {
  std::uint8_t profile_idc;
  std::uint8_t mask;
  std::uint8_t iop;
  H264Profile profile;
};
constexpr std::array<ProfilePattern, 8> patterns{{
    {0x42, 0x4f, 0x40, H264Profile::constrained_baseline},
    {0x4d, 0x8f, 0x80, H264Profile::constrained_baseline},
    {0x58, 0xcf, 0xc0, H264Profile::constrained_baseline},
    {0x42, 0x4f, 0x00, H264Profile::baseline},
    {0x58, 0xcf, 0x80, H264Profile::baseline},
    {0x4d, 0xaf, 0x00, H264Profile::main},
    {0x64, 0xff, 0x0c, H264Profile::constrained_high},
    {0x64, 0xff, 0x00, H264Profile::high},
}};

constexpr std::uint8_t level_1b = 9;

bool is_baseline(H264Profile profile) {
  return profile == H264Profile::constrained_baseline || profile == H264Profile::baseline;
}

struct Written {
  H264Profile profile;
  std::uint8_t level;
};

std::optional<Written> read_profile_level_id(std::uint32_t id) {
  const auto profile_idc = static_cast<std::uint8_t>(id >> 16U);
  const auto iop = static_cast<std::uint8_t>(id >> 8U);
  auto level = static_cast<std::uint8_t>(id);
  // Level 1b of the profiles below High is 11 with constraint_set3 (RFC 6184 section 8.1).
  if (profile_idc != 0x64 && level == 11 && (iop & 0x10U) != 0) level = level_1b;
  for (const auto& pattern : patterns)
    if (pattern.profile_idc == profile_idc && (iop & pattern.mask) == pattern.iop)
      return Written{pattern.profile, level};
  return std::nullopt;
}

} // namespace

std::optional<H264Format> h264_format(const Codec& codec) {
  H264Format format;
  const auto mode = number_parameter(codec, "packetization-mode").value_or(0);
  if (mode > 1) return std::nullopt;
  format.packetization_mode = static_cast<std::uint8_t>(mode);
  format.level_asymmetry_allowed = number_parameter(codec, "level-asymmetry-allowed") == 1U;
  format.max_fs = number_parameter(codec, "max-fs").value_or(0);
  format.max_mbps = number_parameter(codec, "max-mbps").value_or(0);
  format.max_br = number_parameter(codec, "max-br").value_or(0);

  const auto text = parameter(codec, "profile-level-id").value_or("");
  const auto id = text.size() == 6 ? to_number<std::uint32_t>(text, 16) : std::nullopt;
  if (!id) {
    format.level = 13;
    return format;
  }
  const auto written = read_profile_level_id(*id);
  if (!written) return std::nullopt;
  format.profile = written->profile;
  format.level = written->level;
  return format;
}

std::string h264_profile_level_id(H264Profile profile, std::uint8_t level) {
  unsigned idc_and_iop = 0x42e0;
  switch (profile) {
  case H264Profile::constrained_baseline:
    break;
  case H264Profile::baseline:
    idc_and_iop = 0x4200;
    break;
  case H264Profile::main:
    idc_and_iop = 0x4d00;
    break;
  case H264Profile::constrained_high:
    idc_and_iop = 0x640c;
    break;
  case H264Profile::high:
    idc_and_iop = 0x6400;
    break;
  }
  unsigned written_level = level;
  if (level == level_1b && (idc_and_iop >> 8U) != 0x64) {
    written_level = 11;
    idc_and_iop |= 0x10U;
  }
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04x%02x", idc_and_iop & 0xffffU, written_level & 0xffU);
  return text.data();
}

bool h264_compatible(const H264Format& a, const H264Format& b) {
  if (a.packetization_mode != b.packetization_mode) return false;
  return a.profile == b.profile || (is_baseline(a.profile) && is_baseline(b.profile));
}

} // namespace viadux::sdp
