// A still: a picture of a text, encoded ahead. It is a short film in which nothing moves: a key frame and
// small ones behind it, cut into RTP payloads and sent over and over. Made once for each (style, text,
// codec).
#pragma once

#include "core/mixer/look.hpp"
#include "core/mixer/mix_control.hpp"
#include "core/mixer/picture.hpp"
#include "core/rtp/codec.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::mixer {

struct StillStyle {
  std::uint16_t width = 640, height = 360; // multiples of 16
  Colour background{15, 48, 87};
  Colour text{255, 255, 255};
  std::string font;                        // a file that FreeType reads
  std::shared_ptr<const Picture> backdrop; // instead of the background; it is darker where the text is
};
// Of an organisation; null: of the house. Text is black where white could not be read.
StillStyle still_style(const Look* look, const std::string& font);

struct Still {
  rtp::Codec codec = rtp::Codec::vp8;
  // Of each frame the payloads of its packets. The first is a key frame; after the last comes the first
  // again.
  std::vector<std::vector<std::vector<std::uint8_t>>> frames;
};

// Lines in the middle, the first one larger. UTF-8; what the font does not have is left out. Without a
// readable font the picture is background alone.
Picture draw(const StillStyle& style, const std::vector<std::string>& lines);
// Errors: unsupported (no such codec), internal (the encoder's).
Result<Still> encode_still(const Picture& picture, rtp::Codec codec);
// Of a VP8 payload of ours: each turn of the film has others, as the ids of a stream never run back.
void set_picture_id(std::span<std::uint8_t> payload, std::uint16_t picture_id);
Result<Still> make_still(const StillStyle& style, const std::vector<std::string>& lines, rtp::Codec codec);

// What is written: in the organisation's own words, else in the languages of the house.
std::vector<std::string> still_lines(const Look* look, StillText text);

} // namespace viadux::mixer
