// G.711: eight bits of logarithmic sound (ITU-T G.711; RTP types 0 and 8, RFC 3551 section 4.5.14).
#pragma once

#include <cstdint>

namespace viadux::mixer {

std::int16_t decode_alaw(std::uint8_t byte);
std::int16_t decode_ulaw(std::uint8_t byte);
std::uint8_t encode_alaw(std::int16_t sample);
std::uint8_t encode_ulaw(std::int16_t sample);

} // namespace viadux::mixer
