#include "core/mixer/theme_picture.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>
#include <libyuv/scale_argb.h>
#include <png.h>

namespace viadux::mixer {
namespace {

constexpr std::size_t most_bytes = 2UL * 1024 * 1024;
constexpr std::uint32_t least_side = 2, most_side = 4096;
constexpr int watermark_height = composed_height / 6, watermark_width = composed_width / 2;

Error fault(std::string sentence) {
  return make_error(ErrorCode::bad_argument, "theme_fault", std::move(sentence));
}

// Four bytes a pixel: blue, green, red, alpha, which is libyuv's ARGB.
struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint8_t> bytes;
  int stride() const { return width * 4; }
};

Result<std::vector<char>> read_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return fault("there is no such file");
  std::ifstream file(path, std::ios::binary);
  std::vector<char> bytes(most_bytes + 1);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.empty()) return fault("the file is empty or can't be read");
  if (bytes.size() > most_bytes) return fault("the file is larger than 2 MB: make it smaller");
  return bytes;
}

Result<Pixels> read_png(const std::string& path) {
  const auto file = read_file(path);
  if (!file) return file.error();
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto broken = [&image] { return fault(std::string("can't be read as PNG: ") + image.message); };
  // It reads the head alone: what that says is looked at before there is room for it.
  if (png_image_begin_read_from_memory(&image, file->data(), file->size()) == 0) return broken();
  const std::unique_ptr<png_image, void (*)(png_image*)> closer(&image, png_image_free);
  if (std::min(image.width, image.height) < least_side || std::max(image.width, image.height) > most_side)
    return fault("has " + std::to_string(image.width) + " by " + std::to_string(image.height) +
                 " pixels: 2 to 4096 each way can be used");
  image.format = PNG_FORMAT_BGRA;
  Pixels pixels{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  pixels.bytes.resize(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, pixels.bytes.data(), 0, nullptr) == 0) return broken();
  return pixels;
}

} // namespace

Result<Picture> read_backdrop(const std::string& file, const Colour& beneath) {
  auto read = read_png(file);
  if (!read) return read.error();
  for (std::size_t at = 0; at < read->bytes.size(); at += 4) {
    std::uint8_t* pixel = &read->bytes[at];
    const int alpha = pixel[3];
    if (alpha == 255) continue;
    const std::uint8_t under[] = {beneath.blue, beneath.green, beneath.red};
    for (std::size_t i = 0; i < 3; ++i)
      pixel[i] = static_cast<std::uint8_t>((pixel[i] * alpha + under[i] * (255 - alpha)) / 255);
  }
  // Pictures have even sizes.
  Picture whole = plain_picture(static_cast<std::uint16_t>(read->width & ~1),
                                static_cast<std::uint16_t>(read->height & ~1), {});
  libyuv::ARGBToI420(read->bytes.data(), read->stride(), whole.y.data(), whole.width, whole.u.data(),
                     whole.width / 2, whole.v.data(), whole.width / 2, whole.width, whole.height);
  Picture backdrop = plain_picture(composed_width, composed_height, {});
  scale_into(backdrop, {0, 0, composed_width, composed_height}, whole.view(), Fit::cover, {});
  return backdrop;
}

Result<Overlay> read_watermark(const std::string& file) {
  auto read = read_png(file);
  if (!read) return read.error();
  // Colours weigh as much as they are seen, or what is transparent would bleed into what is not.
  libyuv::ARGBAttenuate(read->bytes.data(), read->stride(), read->bytes.data(), read->stride(), read->width,
                        read->height);
  const double shrink = std::max({1.0, static_cast<double>(read->width) / watermark_width,
                                  static_cast<double>(read->height) / watermark_height});
  Pixels small{std::max(even(read->width / shrink), 2), std::max(even(read->height / shrink), 2), {}};
  small.bytes.resize(static_cast<std::size_t>(small.stride()) * static_cast<std::size_t>(small.height));
  libyuv::ARGBScale(read->bytes.data(), read->stride(), read->width, read->height, small.bytes.data(),
                    small.stride(), small.width, small.height, libyuv::kFilterBox);
  Overlay overlay;
  overlay.picture =
      plain_picture(static_cast<std::uint16_t>(small.width), static_cast<std::uint16_t>(small.height), {});
  struct Weighed {
    int blue = 0, green = 0, red = 0, alpha = 0;
    void add(const std::uint8_t* pixel) {
      blue += pixel[0];
      green += pixel[1];
      red += pixel[2];
      alpha += pixel[3];
    }
    Yuv colour() const {
      const auto of = [this](int sum) { return static_cast<std::uint8_t>(std::min(sum * 255 / alpha, 255)); };
      return alpha == 0 ? Yuv{} : to_yuv({of(red), of(green), of(blue)});
    }
  };
  const auto width = static_cast<std::size_t>(small.width), height = static_cast<std::size_t>(small.height);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      Weighed one;
      one.add(&small.bytes[(y * width + x) * 4]);
      overlay.picture.y[y * width + x] = one.colour().y;
      overlay.alpha.push_back(static_cast<std::uint8_t>(one.alpha));
    }
  for (std::size_t y = 0; y < height; y += 2)
    for (std::size_t x = 0; x < width; x += 2) {
      Weighed four;
      for (const std::size_t at :
           {y * width + x, y * width + x + 1, (y + 1) * width + x, (y + 1) * width + x + 1})
        four.add(&small.bytes[at * 4]);
      const Yuv colour = four.colour();
      overlay.picture.u[y / 2 * (width / 2) + x / 2] = colour.u;
      overlay.picture.v[y / 2 * (width / 2) + x / 2] = colour.v;
      overlay.half_alpha.push_back(static_cast<std::uint8_t>(four.alpha / 4));
    }
  return overlay;
}

} // namespace viadux::mixer
