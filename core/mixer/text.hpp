// Text drawn by FreeType: how much of each pixel is ink. [one thread]
#pragma once

#include "core/mixer/picture.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace viadux::mixer {

struct Ink {
  int width = 0, height = 0;
  std::vector<std::uint8_t> of; // by row; 0 is nothing, 255 all
};

// A font file. Where it cannot be read nothing is drawn.
class Font {
 public:
  explicit Font(const std::string& file);
  ~Font();
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;
  bool good() const;

  // UTF-8; what the font does not have, and what is malformed, is left out.
  int width(std::string_view text, unsigned size);
  void write(Ink& ink, std::string_view text, unsigned size, int x, int baseline);
  // As much of the text as fits into so many pixels, with an ellipsis where that is not all.
  std::string cut(std::string_view text, unsigned size, int most);

 private:
  struct Face;
  std::unique_ptr<Face> face_;
};

// A line of text or a sign on a ground of its own, drawn once and put on many pictures.
class Label {
 public:
  Label() = default;
  // A square sign, `size` pixels high.
  enum class Sign : std::uint8_t { muted, hand, recorded };
  Label(Sign sign, int size, const Colour& lines, const Colour& ground);
  // `size` is the height of letters in pixels; at most `most` pixels wide.
  Label(Font& font, std::string_view text, unsigned size, int most, const Colour& letters,
        const Colour& ground);
  int width() const { return ink_.width; }
  int height() const { return ink_.height; }
  explicit operator bool() const { return ink_.width > 0; }
  // Nothing of the picture is seen through it: it may be put on the same place again and again.
  void cover_all() { cover_ = 256; }
  // With its upper left corner there (even numbers), where it is inside the picture.
  void put_on(Picture& picture, int x, int y) const;

 private:
  static constexpr int half = 150;

  Ink ink_;
  Yuv letters_{}, ground_{};
  int cover_ = half; // so much of the picture under its ground, of 256
};

} // namespace viadux::mixer
