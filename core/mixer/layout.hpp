// How pictures stand in a composed one: one table for all layouts, and who sits where. Pure. [any thread]
#pragma once

#include "core/mixer/mix_control.hpp"
#include "core/mixer/picture.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace viadux::mixer {

// The places of a layout that holds `people` (the same for all numbers but in `equal`), in the order in which
// they are taken: the large ones first.
struct Places {
  std::vector<Area> areas; // in pixels of the whole picture
  std::size_t large = 0;   // so many of them are large
};
Places places_of(Layout layout, std::size_t people, std::uint16_t width, std::uint16_t height);
std::size_t place_count(Layout layout);

// Who sits where. Who sits stays, as long as he is there: when somebody becomes large he changes places with
// who was.
class Seats {
 public:
  struct Wish {
    Layout layout = Layout::one_seven;
    std::span<const std::uint64_t> people; // in order of joining
    std::span<const std::uint64_t> first;  // those who are to be large, the most wanted first
    std::uint64_t not_large = 0;           // unless nobody else is there
  };
  // By place: as many as there are people or places.
  const std::vector<std::uint64_t>& seat(const Wish& wish);
  const std::vector<std::uint64_t>& seated() const { return seated_; }

 private:
  std::vector<std::uint64_t> seated_;
  std::size_t large_ = 0; // so many of them sit large
};

} // namespace viadux::mixer
