// The picture of a still: background and text.
#include "core/mixer/still.hpp"
#include "core/mixer/text.hpp"

#include <algorithm>

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

std::uint8_t between(int back, int front, int ink) { // of 255
  return static_cast<std::uint8_t>(back + (front - back) * ink / 255);
}

} // namespace

Picture draw(const StillStyle& style, const std::vector<std::string>& lines) {
  const std::size_t width = style.width, height = style.height;
  Ink canvas{style.width, style.height, std::vector<std::uint8_t>(width * height)};
  Font font(style.font);
  const unsigned large = style.height / 9U, small = style.height / 14U;
  int baseline = style.height / 2 - static_cast<int>(lines.empty() ? 0 : (lines.size() - 1) * small / 2);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    unsigned size = i == 0 ? large : small;
    while (size > 8 && font.width(lines[i], size) > style.width * 9 / 10)
      --size;
    font.write(canvas, lines[i], size, (style.width - font.width(lines[i], size)) / 2, baseline);
    baseline += static_cast<int>(small) * 9 / 5;
  }
  const Yuv back = to_yuv(style.background), front = to_yuv(style.text);
  Picture picture;
  picture.width = style.width;
  picture.height = style.height;
  for (const std::uint8_t ink : canvas.of)
    picture.y.push_back(between(back.y, front.y, ink));
  for (std::size_t y = 0; y < height; y += 2)
    for (std::size_t x = 0; x < width; x += 2) {
      const std::uint8_t* at = &canvas.of[y * width + x];
      const int ink = (at[0] + at[1] + at[width] + at[width + 1]) / 4;
      picture.u.push_back(between(back.u, front.u, ink));
      picture.v.push_back(between(back.v, front.v, ink));
    }
  return picture;
}

} // namespace mixer
} // namespace viadux
