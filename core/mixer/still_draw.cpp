// The picture of a still: background and text.
#include "core/mixer/still.hpp"

#include <algorithm>
#include <ft2build.h>
#include FT_FREETYPE_H

namespace viadux {

std::vector<std::string> still_lines(StillText text) {
  // English, Danish.
  switch (text) {
  case StillText::waiting_for_host:
    return {"Waiting for the host", "Venter på værten"};
  case StillText::alone:
    return {"You are alone here", "Du er alene her"};
  case StillText::camera_off:
    return {"Camera is off", "Kameraet er slukket"};
  }
  return {};
}

namespace mixer {
namespace {

struct Canvas {
  std::uint16_t width, height;
  std::vector<float> ink; // 0-1, how much of a pixel is text
};

// The code points of UTF-8; what is malformed is left out.
std::vector<std::uint32_t> code_points(std::string_view text) {
  std::vector<std::uint32_t> points;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<std::uint8_t>(text[i]);
    const std::size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    if (size == 0 || i + size > text.size()) {
      ++i;
      continue;
    }
    std::uint32_t point = size == 1 ? first : first & (0xffU >> (size + 1));
    for (std::size_t k = 1; k < size; ++k)
      point = point << 6U | (static_cast<std::uint8_t>(text[i + k]) & 0x3fU);
    points.push_back(point);
    i += size;
  }
  return points;
}

class Pen {
 public:
  explicit Pen(const std::string& font) {
    if (FT_Init_FreeType(&library_) != 0) return;
    if (FT_New_Face(library_, font.c_str(), 0, &face_) != 0) face_ = nullptr;
  }
  ~Pen() {
    if (face_ != nullptr) FT_Done_Face(face_);
    if (library_ != nullptr) FT_Done_FreeType(library_);
  }
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;
  bool good() const { return face_ != nullptr; }

  int width(const std::vector<std::uint32_t>& points, unsigned size) {
    FT_Set_Pixel_Sizes(face_, 0, size);
    int sum = 0;
    for (const std::uint32_t point : points)
      if (FT_Load_Char(face_, point, FT_LOAD_DEFAULT) == 0)
        sum += static_cast<int>(face_->glyph->advance.x >> 6);
    return sum;
  }
  void write(Canvas& canvas, const std::vector<std::uint32_t>& points, unsigned size, int x, int baseline) {
    FT_Set_Pixel_Sizes(face_, 0, size);
    for (const std::uint32_t point : points) {
      if (FT_Get_Char_Index(face_, point) == 0 || FT_Load_Char(face_, point, FT_LOAD_RENDER) != 0) continue;
      stamp(canvas, x + face_->glyph->bitmap_left, baseline - face_->glyph->bitmap_top);
      x += static_cast<int>(face_->glyph->advance.x >> 6);
    }
  }

 private:
  void stamp(Canvas& canvas, int left, int top) {
    const FT_Bitmap& bitmap = face_->glyph->bitmap;
    for (int row = 0; row < static_cast<int>(bitmap.rows); ++row)
      for (int column = 0; column < static_cast<int>(bitmap.width); ++column) {
        const int x = left + column, y = top + row;
        if (x < 0 || y < 0 || x >= canvas.width || y >= canvas.height) continue;
        const float ink = static_cast<float>(bitmap.buffer[row * bitmap.pitch + column]) / 255.0F;
        float& pixel = canvas.ink[static_cast<std::size_t>(y) * canvas.width + static_cast<std::size_t>(x)];
        pixel = std::max(pixel, ink);
      }
  }
  FT_Library library_ = nullptr;
  FT_Face face_ = nullptr;
};

struct Yuv {
  float y, u, v;
};

Yuv to_yuv(const Colour& colour) { // BT.601, limited range
  const auto r = static_cast<float>(colour.red), g = static_cast<float>(colour.green),
             b = static_cast<float>(colour.blue);
  return {16 + 0.257F * r + 0.504F * g + 0.098F * b, 128 - 0.148F * r - 0.291F * g + 0.439F * b,
          128 + 0.439F * r - 0.368F * g - 0.071F * b};
}

std::uint8_t between(float back, float front, float ink) {
  return static_cast<std::uint8_t>(std::clamp(back + (front - back) * ink + 0.5F, 0.0F, 255.0F));
}

} // namespace

Picture draw(const StillStyle& style, const std::vector<std::string>& lines) {
  Canvas canvas{style.width, style.height, std::vector<float>(std::size_t{style.width} * style.height)};
  Pen pen(style.font);
  if (pen.good()) {
    const unsigned large = style.height / 9U, small = style.height / 14U;
    int baseline = style.height / 2 - static_cast<int>(lines.empty() ? 0 : (lines.size() - 1) * small / 2);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto points = code_points(lines[i]);
      unsigned size = i == 0 ? large : small;
      while (size > 8 && pen.width(points, size) > style.width * 9 / 10)
        --size;
      pen.write(canvas, points, size, (style.width - pen.width(points, size)) / 2, baseline);
      baseline += static_cast<int>(small) * 9 / 5;
    }
  }
  const Yuv back = to_yuv(style.background), front = to_yuv(style.text);
  Picture picture;
  picture.width = style.width;
  picture.height = style.height;
  for (const float ink : canvas.ink)
    picture.y.push_back(between(back.y, front.y, ink));
  for (std::size_t y = 0; y < style.height; y += 2)
    for (std::size_t x = 0; x < style.width; x += 2) {
      const float* at = &canvas.ink[y * style.width + x];
      const float ink = (at[0] + at[1] + at[style.width] + at[style.width + 1]) / 4;
      picture.u.push_back(between(back.u, front.u, ink));
      picture.v.push_back(between(back.v, front.v, ink));
    }
  return picture;
}

} // namespace mixer
} // namespace viadux
