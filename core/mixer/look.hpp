// An organisation's look in the pictures that the server draws: composed ones and stills. Never changes: what
// a reload finds is another one. [any thread]
#pragma once

#include "core/mixer/mix_control.hpp"
#include "core/mixer/picture.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viadux::mixer {

// Composed pictures are so large, and so is a look's background. Multiples of 16.
inline constexpr std::uint16_t composed_width = 1280, composed_height = 720;

enum class Corner : std::uint8_t { top_left, top_right, bottom_left, bottom_right };

// What is absent is as CanvasStyle, StillStyle and still_lines() have it.
struct Look {
  std::optional<Colour> background, border;
  std::shared_ptr<const Picture> backdrop; // instead of the background's colour
  std::shared_ptr<const Overlay> watermark;
  Corner corner = Corner::bottom_right; // of the watermark
  std::map<StillText, std::vector<std::string>> lines;
  bool operator==(const Look&) const = default; // the same pictures, not such that look the same
};

// By an organisation's code; who has nothing of its own is absent.
using Looks = std::map<std::string, std::shared_ptr<const Look>, std::less<>>;

} // namespace viadux::mixer
