#include "core/mixer/picture.hpp"

#include <algorithm>
#include <cmath>
#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>
#include <libyuv/rotate.h>
#include <libyuv/scale.h>

namespace viadux::mixer {
namespace {

// Of what is cut off to fill an area at most this part may go, or heads would.
constexpr double most_cut = 0.3;

std::size_t luma_at(const Picture& picture, int x, int y) {
  return static_cast<std::size_t>(y) * picture.width + static_cast<std::size_t>(x);
}
std::size_t chroma_at(const Picture& picture, int x, int y) {
  return static_cast<std::size_t>(y / 2) * (picture.width / 2U) + static_cast<std::size_t>(x / 2);
}

PictureView cut(const PictureView& from, const Area& part) {
  PictureView out = from;
  out.y += part.y * from.y_stride + part.x;
  out.u += part.y / 2 * from.uv_stride + part.x / 2;
  out.v += part.y / 2 * from.uv_stride + part.x / 2;
  out.width = part.width;
  out.height = part.height;
  return out;
}

PictureView upright(const PictureView& from, unsigned turned, Picture& scratch) {
  const bool lies = (turned & 1U) != 0;
  const int width = from.width & ~1, height = from.height & ~1;
  scratch = plain_picture(static_cast<std::uint16_t>(lies ? height : width),
                          static_cast<std::uint16_t>(lies ? width : height), {});
  constexpr libyuv::RotationMode modes[] = {libyuv::kRotate0, libyuv::kRotate90, libyuv::kRotate180,
                                            libyuv::kRotate270};
  libyuv::I420Rotate(from.y, from.y_stride, from.u, from.uv_stride, from.v, from.uv_stride, scratch.y.data(),
                     scratch.width, scratch.u.data(), scratch.width / 2, scratch.v.data(), scratch.width / 2,
                     width, height, modes[turned & 3U]);
  return scratch.view();
}

} // namespace

Yuv to_yuv(const Colour& colour) { // BT.601, limited range
  const double r = colour.red, g = colour.green, b = colour.blue;
  const auto rounded = [](double value) {
    return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
  };
  return {rounded(16 + 0.257 * r + 0.504 * g + 0.098 * b), rounded(128 - 0.148 * r - 0.291 * g + 0.439 * b),
          rounded(128 + 0.439 * r - 0.368 * g - 0.071 * b)};
}

Picture plain_picture(std::uint16_t width, std::uint16_t height, const Yuv& colour) {
  Picture picture;
  picture.width = width;
  picture.height = height;
  const std::size_t pixels = std::size_t{width} * height;
  picture.y.assign(pixels, colour.y);
  picture.u.assign(pixels / 4, colour.u);
  picture.v.assign(pixels / 4, colour.v);
  return picture;
}

int even(double value) {
  return static_cast<int>(std::lround(value / 2)) * 2;
}

void paint(Picture& picture, const Area& area, const Yuv& colour) {
  if (area.width <= 0 || area.height <= 0) return;
  libyuv::I420Rect(picture.y.data(), picture.width, picture.u.data(), picture.width / 2, picture.v.data(),
                   picture.width / 2, area.x, area.y, area.width, area.height, colour.y, colour.u, colour.v);
}

void lay(Picture& picture, const Area& area, const Ground& ground) {
  if (ground.picture == nullptr) return paint(picture, area, ground.colour);
  if (area.width <= 0 || area.height <= 0) return;
  const Picture& from = *ground.picture;
  const std::size_t luma = luma_at(picture, area.x, area.y), chroma = chroma_at(picture, area.x, area.y);
  libyuv::I420Copy(&from.y[luma], from.width, &from.u[chroma], from.width / 2, &from.v[chroma],
                   from.width / 2, &picture.y[luma], picture.width, &picture.u[chroma], picture.width / 2,
                   &picture.v[chroma], picture.width / 2, area.width, area.height);
}

void lay_over(Picture& picture, const Overlay& overlay, int x, int y, const Area& area) {
  const Picture& over = overlay.picture;
  const int left = std::max(x, area.x), top = std::max(y, area.y);
  const int width = std::min(x + over.width, area.x + area.width) - left;
  const int height = std::min(y + over.height, area.y + area.height) - top;
  if (width <= 0 || height <= 0) return;
  const auto blend = [](const std::uint8_t* from, const std::uint8_t* alpha, int stride, std::uint8_t* to,
                        int to_stride, int columns, int rows) {
    libyuv::BlendPlane(from, stride, to, to_stride, alpha, stride, to, to_stride, columns, rows);
  };
  const std::size_t luma = luma_at(over, left - x, top - y), chroma = chroma_at(over, left - x, top - y);
  const std::size_t to_chroma = chroma_at(picture, left, top);
  blend(&over.y[luma], &overlay.alpha[luma], over.width, &picture.y[luma_at(picture, left, top)],
        picture.width, width, height);
  blend(&over.u[chroma], &overlay.half_alpha[chroma], over.width / 2, &picture.u[to_chroma],
        picture.width / 2, width / 2, height / 2);
  blend(&over.v[chroma], &overlay.half_alpha[chroma], over.width / 2, &picture.v[to_chroma],
        picture.width / 2, width / 2, height / 2);
}

void scale_into(Picture& to, const Area& area, const PictureView& source, Fit fit, const Ground& beside,
                unsigned turned) {
  if (!source || area.width <= 0 || area.height <= 0 || source.width < 2 || source.height < 2) return;
  Picture scratch;
  PictureView from = (turned & 3U) == 0 ? source : upright(source, turned, scratch);
  const double wanted = static_cast<double>(area.width) / area.height;
  const double shape = static_cast<double>(from.width) / from.height;
  const double kept = std::min(wanted, shape) / std::max(wanted, shape);
  Area inside = area;
  if (fit == Fit::cover || (fit == Fit::fill && kept >= 1 - most_cut)) {
    Area part{0, 0, from.width, from.height};
    if (shape > wanted) {
      part.width = std::clamp(even(from.height * wanted), 2, from.width);
      part.x = (from.width - part.width) / 4 * 2;
    } else {
      part.height = std::clamp(even(from.width / wanted), 2, from.height);
      part.y = (from.height - part.height) / 4 * 2;
    }
    from = cut(from, part);
  } else if (shape > wanted) {
    inside.height = std::clamp(even(area.width / shape), 2, area.height);
    inside.y += (area.height - inside.height) / 4 * 2;
  } else {
    inside.width = std::clamp(even(area.height * shape), 2, area.width);
    inside.x += (area.width - inside.width) / 4 * 2;
  }
  if (inside != area) { // what is beside it, not what is under it: that would flicker for nobody but cost
    lay(to, {area.x, area.y, inside.x - area.x, area.height}, beside);
    const int right = inside.x + inside.width, under = inside.y + inside.height;
    lay(to, {right, area.y, area.x + area.width - right, area.height}, beside);
    lay(to, {inside.x, area.y, inside.width, inside.y - area.y}, beside);
    lay(to, {inside.x, under, inside.width, area.y + area.height - under}, beside);
  }
  const std::size_t luma = luma_at(to, inside.x, inside.y), chroma = chroma_at(to, inside.x, inside.y);
  libyuv::I420Scale(from.y, from.y_stride, from.u, from.uv_stride, from.v, from.uv_stride, from.width,
                    from.height, &to.y[luma], to.width, &to.u[chroma], to.width / 2, &to.v[chroma],
                    to.width / 2, inside.width, inside.height, libyuv::kFilterBox);
}

double psnr_db(const PictureView& a, const PictureView& b, const Area& area) {
  double squares = 0;
  for (int y = area.y; y < area.y + area.height; ++y)
    for (int x = area.x; x < area.x + area.width; ++x) {
      const int difference = a.y[y * a.y_stride + x] - b.y[y * b.y_stride + x];
      squares += difference * difference;
    }
  const double mean = squares / (static_cast<double>(area.width) * area.height);
  return mean == 0 ? 99 : std::min(99.0, 10 * std::log10(255 * 255 / mean));
}

} // namespace viadux::mixer
