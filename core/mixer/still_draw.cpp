// The picture of a still: background and text.
#include "core/mixer/still.hpp"
#include "core/mixer/text.hpp"

#include <algorithm>

namespace viadux::mixer {
namespace {

constexpr int shade = 150; // so much of the backdrop under text is left out, of 256: as under names

std::uint8_t between(int back, int front, int ink) { // of 255
  return static_cast<std::uint8_t>(back + (front - back) * ink / 255);
}

Ink write(const StillStyle& style, const std::vector<std::string>& lines) {
  Ink ink{style.width, style.height, std::vector<std::uint8_t>(std::size_t{style.width} * style.height)};
  Font font(style.font);
  const unsigned large = style.height / 9U, small = style.height / 14U;
  int baseline = style.height / 2 - static_cast<int>(lines.empty() ? 0 : (lines.size() - 1) * small / 2);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    unsigned size = i == 0 ? large : small;
    while (size > 8 && font.width(lines[i], size) > style.width * 9 / 10)
      --size;
    font.write(ink, lines[i], size, (style.width - font.width(lines[i], size)) / 2, baseline);
    baseline += static_cast<int>(small) * 9 / 5;
  }
  return ink;
}

// A band from the first row with ink to the last, and a little more.
void darken(Picture& picture, const Ink& ink) {
  const auto first = std::ranges::find_if(ink.of, [](std::uint8_t of) { return of != 0; });
  if (first == ink.of.end()) return;
  const auto last = std::find_if(ink.of.rbegin(), ink.of.rend(), [](std::uint8_t of) { return of != 0; });
  const int margin = picture.height / 18 / 2 * 2;
  const int top = static_cast<int>(first - ink.of.begin()) / ink.width - margin;
  const int bottom = static_cast<int>(ink.of.rend() - last - 1) / ink.width + margin;
  const auto part = [&](std::vector<std::uint8_t>& plane, int rows, const std::uint8_t black) {
    const int width = static_cast<int>(plane.size()) / rows, scale = picture.height / rows;
    for (int at = std::max(top / scale, 0) * width; at < std::min(bottom / scale, rows) * width; ++at) {
      std::uint8_t& pixel = plane[static_cast<std::size_t>(at)];
      pixel = static_cast<std::uint8_t>(pixel + (black - pixel) * shade / 256);
    }
  };
  const Yuv black = to_yuv({0, 0, 0});
  part(picture.y, picture.height, black.y);
  part(picture.u, picture.height / 2, black.u);
  part(picture.v, picture.height / 2, black.v);
}

} // namespace

std::vector<std::string> still_lines(const Look* look, StillText text) {
  if (look != nullptr)
    if (const auto own = look->lines.find(text); own != look->lines.end()) return own->second;
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

StillStyle still_style(const Look* look, const std::string& font) {
  StillStyle style;
  style.font = font;
  if (look == nullptr) return style;
  style.backdrop = look->backdrop;
  style.background = look->background.value_or(style.background);
  constexpr std::uint8_t light = 120; // on what is brighter, black has the better contrast
  if (!style.backdrop && to_yuv(style.background).y > light) style.text = {0, 0, 0};
  return style;
}

Picture draw(const StillStyle& style, const std::vector<std::string>& lines) {
  const Ink ink = write(style, lines);
  Picture picture = plain_picture(style.width, style.height, to_yuv(style.background));
  if (style.backdrop) {
    scale_into(picture, {0, 0, style.width, style.height}, style.backdrop->view(), Fit::cover, {});
    darken(picture, ink);
  }
  const Yuv front = to_yuv(style.text);
  const std::size_t width = style.width, height = style.height;
  for (std::size_t i = 0; i < picture.y.size(); ++i)
    picture.y[i] = between(picture.y[i], front.y, ink.of[i]);
  for (std::size_t y = 0; y < height; y += 2)
    for (std::size_t x = 0; x < width; x += 2) {
      const std::uint8_t* at = &ink.of[y * width + x];
      const int four = (at[0] + at[1] + at[width] + at[width + 1]) / 4;
      const std::size_t chroma = y / 2 * (width / 2) + x / 2;
      picture.u[chroma] = between(picture.u[chroma], front.u, four);
      picture.v[chroma] = between(picture.v[chroma], front.v, four);
    }
  return picture;
}

} // namespace viadux::mixer
