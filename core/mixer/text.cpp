#include "core/mixer/text.hpp"

#include <algorithm>
#include <array>
#include <ft2build.h>
#include FT_FREETYPE_H

namespace viadux::mixer {
namespace {

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

// A microphone, struck through; a hand; a disc. No font of Debian's main ones has all of them.
constexpr int sign_side = 16;
constexpr std::array<std::string_view, sign_side> muted_sign{
    "................", "..X....XX.......", "...X..XXXX......", "....X.XXXX......",
    ".....XXXXX......", "......XXXX......", "......X.XX......", "....X.XX.X.X....",
    "....X.XXX..X....", ".....X.XXX......", "......X.X.X.....", ".......XX..X....",
    ".......XX...X...", ".....XXXXXX..X..", "................", "................"};
constexpr std::array<std::string_view, sign_side> hand_sign{
    "................", ".......X........", ".....X.X.X......", ".....X.X.X.X....",
    ".....X.X.X.X....", ".....X.X.X.X....", ".....X.X.X.X....", "..X..XXXXXXX....",
    "..XX.XXXXXXX....", "...XXXXXXXXX....", "....XXXXXXXX....", ".....XXXXXXX....",
    ".....XXXXXX.....", "......XXXXX.....", "......XXXX......", "................"};

constexpr std::array<std::string_view, sign_side> recorded_sign{
    "................", "................", "................", ".....XXXXXX.....",
    "....XXXXXXXX....", "...XXXXXXXXXX...", "...XXXXXXXXXX...", "...XXXXXXXXXX...",
    "...XXXXXXXXXX...", "...XXXXXXXXXX...", "...XXXXXXXXXX...", "....XXXXXXXX....",
    ".....XXXXXX.....", "................", "................", "................"};

std::uint8_t mixed(int under, int over, int cover) { // of 256
  return static_cast<std::uint8_t>(under + (over - under) * cover / 256);
}

} // namespace

struct Font::Face {
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  ~Face() {
    if (face != nullptr) FT_Done_Face(face);
    if (library != nullptr) FT_Done_FreeType(library);
  }
};

Font::Font(const std::string& file) : face_(std::make_unique<Face>()) {
  if (FT_Init_FreeType(&face_->library) != 0) return;
  if (FT_New_Face(face_->library, file.c_str(), 0, &face_->face) != 0) face_->face = nullptr;
}
Font::~Font() = default;
bool Font::good() const {
  return face_->face != nullptr;
}

int Font::width(std::string_view text, unsigned size) {
  if (!good()) return 0;
  FT_Face face = face_->face;
  FT_Set_Pixel_Sizes(face, 0, size);
  int sum = 0;
  for (const std::uint32_t point : code_points(text))
    if (FT_Get_Char_Index(face, point) != 0 && FT_Load_Char(face, point, FT_LOAD_DEFAULT) == 0)
      sum += static_cast<int>(face->glyph->advance.x >> 6);
  return sum;
}

void Font::write(Ink& ink, std::string_view text, unsigned size, int x, int baseline) {
  if (!good()) return;
  FT_Face face = face_->face;
  FT_Set_Pixel_Sizes(face, 0, size);
  for (const std::uint32_t point : code_points(text)) {
    if (FT_Get_Char_Index(face, point) == 0 || FT_Load_Char(face, point, FT_LOAD_RENDER) != 0) continue;
    const FT_Bitmap& bitmap = face->glyph->bitmap;
    const int left = x + face->glyph->bitmap_left, top = baseline - face->glyph->bitmap_top;
    for (int row = 0; row < static_cast<int>(bitmap.rows); ++row)
      for (int column = 0; column < static_cast<int>(bitmap.width); ++column) {
        const int px = left + column, py = top + row;
        if (px < 0 || py < 0 || px >= ink.width || py >= ink.height) continue;
        auto& pixel = ink.of[static_cast<std::size_t>(py) * static_cast<std::size_t>(ink.width) +
                             static_cast<std::size_t>(px)];
        pixel = std::max(pixel, bitmap.buffer[row * bitmap.pitch + column]);
      }
    x += static_cast<int>(face->glyph->advance.x >> 6);
  }
}

std::string Font::cut(std::string_view text, unsigned size, int most) {
  std::string whole(text);
  if (width(whole, size) <= most) return whole;
  while (!whole.empty()) {
    do // a whole character
      whole.pop_back();
    while (!whole.empty() && (static_cast<std::uint8_t>(whole.back()) & 0x80U) != 0 &&
           (static_cast<std::uint8_t>(whole.back()) & 0x40U) == 0);
    if (!whole.empty() && static_cast<std::uint8_t>(whole.back()) >= 0xc0) whole.pop_back();
    if (width(whole + "…", size) <= most) return whole + "…";
  }
  return {};
}

Label::Label(Font& font, std::string_view text, unsigned size, int most, const Colour& letters,
             const Colour& ground)
    : letters_(to_yuv(letters)), ground_(to_yuv(ground)) {
  const int pad = static_cast<int>(size) / 3;
  const std::string shown = font.cut(text, size, most - 2 * pad);
  if (shown.empty()) return;
  ink_.width = std::min((font.width(shown, size) + 2 * pad + 1) & ~1, most & ~1);
  ink_.height = (static_cast<int>(size) * 3 / 2 + 1) & ~1;
  ink_.of.resize(static_cast<std::size_t>(ink_.width) * static_cast<std::size_t>(ink_.height));
  font.write(ink_, shown, size, pad, static_cast<int>(size) * 11 / 10);
}

Label::Label(Sign sign, int size, const Colour& lines, const Colour& ground)
    : letters_(to_yuv(lines)), ground_(to_yuv(ground)) {
  const auto& rows = sign == Sign::muted ? muted_sign : sign == Sign::hand ? hand_sign : recorded_sign;
  ink_.width = ink_.height = (size + 1) & ~1;
  for (int y = 0; y < ink_.height; ++y)
    for (int x = 0; x < ink_.width; ++x) {
      const auto row = static_cast<std::size_t>(y * sign_side / ink_.height);
      const auto column = static_cast<std::size_t>(x * sign_side / ink_.width);
      ink_.of.push_back(rows[row][column] == 'X' ? 255 : 0);
    }
}

void Label::put_on(Picture& picture, int x, int y) const {
  if (x < 0 || y < 0 || x + ink_.width > picture.width || y + ink_.height > picture.height) return;
  const auto luma_width = static_cast<std::size_t>(picture.width), chroma_width = luma_width / 2;
  for (int row = 0; row < ink_.height; ++row) {
    std::uint8_t* to =
        &picture.y[static_cast<std::size_t>(y + row) * luma_width + static_cast<std::size_t>(x)];
    const std::uint8_t* ink = &ink_.of[static_cast<std::size_t>(row) * static_cast<std::size_t>(ink_.width)];
    for (int column = 0; column < ink_.width; ++column)
      to[column] = mixed(mixed(to[column], ground_.y, cover_), letters_.y, ink[column]);
  }
  for (int row = 0; row < ink_.height / 2; ++row) {
    const std::size_t at =
        static_cast<std::size_t>(y / 2 + row) * chroma_width + static_cast<std::size_t>(x / 2);
    for (int column = 0; column < ink_.width / 2; ++column) {
      const std::uint8_t ink =
          ink_.of[static_cast<std::size_t>(row) * 2 * static_cast<std::size_t>(ink_.width) +
                  static_cast<std::size_t>(column) * 2];
      const std::size_t pixel = at + static_cast<std::size_t>(column);
      picture.u[pixel] = mixed(mixed(picture.u[pixel], ground_.u, cover_), letters_.u, ink);
      picture.v[pixel] = mixed(mixed(picture.v[pixel], ground_.v, cover_), letters_.v, ink);
    }
  }
}

} // namespace viadux::mixer
