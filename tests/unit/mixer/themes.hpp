// Organisations with themes, in a folder of a test's own, and PNG files to put into them.
#pragma once

#include "core/config/organisations.hpp"
#include "core/mixer/picture.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <png.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace viadux::mixer {

struct Pixel {
  std::uint8_t red = 0, green = 0, blue = 0, alpha = 255;
};
constexpr Pixel pixel(const Colour& colour, std::uint8_t alpha = 255) {
  return {colour.red, colour.green, colour.blue, alpha};
}

inline std::string png(unsigned width, unsigned height,
                       const std::function<Pixel(unsigned x, unsigned y)>& paint) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGBA;
  std::vector<std::uint8_t> bytes;
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x) {
      const Pixel one = paint(x, y);
      bytes.insert(bytes.end(), {one.red, one.green, one.blue, one.alpha});
    }
  png_alloc_size_t size = 0;
  EXPECT_NE(png_image_write_to_memory(&image, nullptr, &size, 0, bytes.data(), 0, nullptr), 0);
  std::string file(size, '\0');
  EXPECT_NE(png_image_write_to_memory(&image, file.data(), &size, 0, bytes.data(), 0, nullptr), 0);
  file.resize(size);
  return file;
}
inline std::string plain_png(unsigned width, unsigned height, const Pixel& colour) {
  return png(width, height, [&](unsigned, unsigned) { return colour; });
}

class Themes {
 public:
  Themes() {
    std::string name = (std::filesystem::temp_directory_path() / "viadux-looks-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) folder_ = name;
  }
  ~Themes() { std::filesystem::remove_all(folder_); }
  Themes(const Themes&) = delete;
  Themes& operator=(const Themes&) = delete;

  void add(const std::string& code, const std::string& parent = "") {
    put(code, "../organisation.toml", parent.empty() ? "" : "parent = \"" + parent + "\"\n");
  }
  // Into theme/ of the organisation.
  std::string put(const std::string& code, const std::string& file, const std::string& bytes) {
    const auto path = folder_ / code / "theme" / file;
    std::filesystem::create_directories(folder_ / code / "theme");
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }
  // The member `picture` of theme.json.
  std::string say(const std::string& code, const std::string& picture) {
    return put(code, "theme.json", R"({"name": "A name", "picture": )" + picture + "}");
  }
  std::shared_ptr<const Organisations> organisations() const {
    auto load = load_organisations(folder_.string(), "");
    for (const ConfigMistake& mistake : load.mistakes)
      ADD_FAILURE() << mistake.key << ": " << mistake.message;
    return load.organisations;
  }

 private:
  std::filesystem::path folder_;
};

} // namespace viadux::mixer
