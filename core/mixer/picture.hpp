// Pictures as codecs have them: planar YUV 4:2:0 (BT.601, limited range).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace viadux::mixer {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Colour&) const = default;
};

struct Yuv {
  std::uint8_t y = 16, u = 128, v = 128;
};
Yuv to_yuv(const Colour& colour);

// Somebody else's picture; nothing is copied.
struct PictureView {
  const std::uint8_t* y = nullptr;
  const std::uint8_t* u = nullptr;
  const std::uint8_t* v = nullptr;
  int y_stride = 0, uv_stride = 0;
  int width = 0, height = 0;
  explicit operator bool() const { return y != nullptr; }
};

// A picture of one's own, rows without gaps. Sizes are even.
struct Picture {
  std::uint16_t width = 0, height = 0;
  std::vector<std::uint8_t> y, u, v;

  PictureView view() const { return {y.data(), u.data(), v.data(), width, width / 2, width, height}; }
};

Picture plain_picture(std::uint16_t width, std::uint16_t height, const Yuv& colour);

// A part of a picture, in pixels; all even.
struct Area {
  int x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Area&) const = default;
};

// The nearest even number: colours have half the size of brightness.
int even(double value);

void paint(Picture& picture, const Area& area, const Yuv& colour);

// What is behind everything: a colour, or a picture as large as the one that is drawn on.
struct Ground {
  Yuv colour;
  const Picture* picture = nullptr;
};
void lay(Picture& picture, const Area& area, const Ground& ground);

// A picture that is seen through in places.
struct Overlay {
  Picture picture;
  std::vector<std::uint8_t> alpha;      // of each pixel: 0 is nothing of it, 255 all
  std::vector<std::uint8_t> half_alpha; // of each four, as colours have it
};
// Lays it with its upper left corner at x, y (even, and with all of it inside), as far as it is in `area`.
void lay_over(Picture& picture, const Overlay& overlay, int x, int y, const Area& area);

// How a picture fits into an area of another shape.
enum class Fit : std::uint8_t {
  fill,  // cut at the sides, as long as most of it is seen; else as `whole`
  whole, // all of it is seen; what is beside it is painted
  cover  // cut at the sides, however much that is
};

// Scales `from` into the area; `turned` is how far it must be turned clockwise to be upright, in quarters.
void scale_into(Picture& to, const Area& area, const PictureView& from, Fit fit, const Ground& beside,
                unsigned turned = 0);

// Mean squared error of brightness as PSNR in dB, over an area of two pictures of one size; 99 where equal.
double psnr_db(const PictureView& a, const PictureView& b, const Area& area);

} // namespace viadux::mixer
