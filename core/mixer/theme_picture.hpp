// The pictures of a theme: PNG files as the server draws them. [any thread, and slowly: from the disk]
#pragma once

#include "core/mixer/look.hpp"

#include <string>
#include <viadux/result.hpp>

namespace viadux::mixer {

// Error of all: theme_fault, with a sentence for whoever made the file. At most 2 MB, and 4096 pixels each
// way.

// As large as a composed picture: cut where its shape is another, never stretched. `beneath` is seen where it
// is transparent.
Result<Picture> read_backdrop(const std::string& file, const Colour& beneath);

// At most a sixth as high as a composed picture and half as wide; a smaller one stays as it is.
Result<Overlay> read_watermark(const std::string& file);

} // namespace viadux::mixer
