#include "core/mixer/layout.hpp"

#include <algorithm>
#include <array>

namespace viadux::mixer {
namespace {

// Squares of a grid of `units` by `units`: each has the shape of the whole picture.
struct Square {
  std::uint8_t x, y, size;
};
// Small ones side by side, `columns` by `rows`.
struct Run {
  std::uint8_t x, y, size, columns, rows;
};
struct Spec {
  Layout layout;
  std::uint8_t units;
  std::uint8_t large_count;
  std::array<Square, 2> large;
  std::array<Run, 2> runs;
};

// The table of all layouts.
constexpr std::array specs{
    Spec{Layout::one, 1, 1, {{{0, 0, 1}}}, {}},
    Spec{Layout::one_seven, 4, 1, {{{0, 0, 3}}}, {{{3, 0, 1, 1, 3}, {0, 3, 1, 4, 1}}}},
    Spec{Layout::one_twentyone, 5, 1, {{{0, 0, 2}}}, {{{2, 0, 1, 3, 2}, {0, 2, 1, 5, 3}}}},
    Spec{Layout::one_thirtythree, 7, 1, {{{0, 0, 4}}}, {{{4, 0, 1, 3, 4}, {0, 4, 1, 7, 3}}}},
    Spec{Layout::two_twentyone, 14, 2, {{{0, 0, 7}, {7, 0, 7}}}, {{{0, 7, 2, 7, 3}}}},
    Spec{Layout::two_two, 2, 0, {}, {{{0, 0, 1, 2, 2}}}},
    Spec{Layout::three_three, 3, 0, {}, {{{0, 0, 1, 3, 3}}}},
    Spec{Layout::four_four, 4, 0, {}, {{{0, 0, 1, 4, 4}}}},
    Spec{Layout::five_five, 5, 0, {}, {{{0, 0, 1, 5, 5}}}},
    Spec{Layout::slides, 8, 1, {{{0, 1, 6}}}, {{{6, 0, 2, 1, 4}}}},
    Spec{Layout::stage, 6, 1, {{{1, 0, 4}}}, {{{0, 4, 2, 3, 1}}}},
};

// `equal` takes the smallest of these that holds all.
struct Equal {
  std::uint8_t places, units;
  Run run;
};
constexpr std::array equals{Equal{1, 1, {0, 0, 1, 1, 1}},  Equal{2, 4, {0, 1, 2, 2, 1}},
                            Equal{4, 2, {0, 0, 1, 2, 2}},  Equal{6, 6, {0, 1, 2, 3, 2}},
                            Equal{9, 3, {0, 0, 1, 3, 3}},  Equal{12, 8, {0, 1, 2, 4, 3}},
                            Equal{16, 4, {0, 0, 1, 4, 4}}, Equal{25, 5, {0, 0, 1, 5, 5}}};

class Ruler {
 public:
  Ruler(std::uint8_t units, std::uint16_t width, std::uint16_t height)
      : units_(units), width_(width), height_(height) {}
  Area area(int x, int y, int size) const {
    const int left = at(x, width_), top = at(y, height_);
    return {left, top, at(x + size, width_) - left, at(y + size, height_) - top};
  }
  void add(const Run& run, std::vector<Area>& areas) const {
    for (int row = 0; row < run.rows; ++row)
      for (int column = 0; column < run.columns; ++column)
        areas.push_back(area(run.x + column * run.size, run.y + row * run.size, run.size));
  }

 private:
  int at(int units, int pixels) const { return units * pixels / units_ / 2 * 2; }
  std::uint8_t units_;
  int width_, height_;
};

} // namespace

Places places_of(Layout layout, std::size_t people, std::uint16_t width, std::uint16_t height) {
  Places places;
  if (layout == Layout::equal) {
    auto found = std::ranges::find_if(equals, [&](const Equal& each) { return each.places >= people; });
    if (found == equals.end()) --found;
    Ruler(found->units, width, height).add(found->run, places.areas);
    return places;
  }
  const auto found = std::ranges::find(specs, layout, &Spec::layout);
  if (found == specs.end()) return places;
  const Ruler ruler(found->units, width, height);
  places.large = found->large_count;
  for (std::size_t i = 0; i < found->large_count; ++i)
    places.areas.push_back(ruler.area(found->large[i].x, found->large[i].y, found->large[i].size));
  for (const Run& run : found->runs)
    ruler.add(run, places.areas);
  return places;
}

std::size_t place_count(Layout layout) {
  return places_of(layout, SIZE_MAX, 1280, 720).areas.size();
}

const std::vector<std::uint64_t>& Seats::seat(const Wish& wish) {
  const Places places = places_of(wish.layout, wish.people.size(), 1280, 720);
  const auto is_there = [&](std::uint64_t who) { return std::ranges::count(wish.people, who) != 0; };

  // Who is large: the most wanted, then who was, then by order of joining.
  std::vector<std::uint64_t> large;
  const auto take = [&](std::uint64_t who) {
    if (large.size() < places.large && is_there(who) && who != wish.not_large &&
        std::ranges::count(large, who) == 0)
      large.push_back(who);
  };
  std::ranges::for_each(wish.first, take);
  for (std::size_t i = 0; i < std::min(large_, seated_.size()); ++i)
    take(seated_[i]);
  std::ranges::for_each(wish.people, take);
  if (large.empty() && places.large != 0 && is_there(wish.not_large)) large.push_back(wish.not_large);
  // Of two large ones who was large keeps his side.
  if (large.size() == 2 && large_ == 2 && seated_.size() >= 2 &&
      (large[1] == seated_[0] || large[0] == seated_[1]))
    std::swap(large[0], large[1]);

  std::vector<std::uint64_t> small;
  const auto sits = [&](std::uint64_t who) {
    return std::ranges::count(large, who) != 0 || std::ranges::count(small, who) != 0;
  };
  // Who was large goes where the one sat who is so now.
  std::vector<std::uint64_t> left;
  for (std::size_t i = 0; i < std::min(large_, seated_.size()); ++i)
    if (is_there(seated_[i]) && std::ranges::count(large, seated_[i]) == 0) left.push_back(seated_[i]);
  for (std::size_t i = large_; i < seated_.size(); ++i) {
    std::uint64_t who = seated_[i];
    if (std::ranges::count(large, who) != 0) {
      if (left.empty()) continue;
      who = left.front();
      left.erase(left.begin());
    }
    if (is_there(who) && !sits(who)) small.push_back(who);
  }
  const std::size_t room = places.areas.size() - places.large;
  for (const std::uint64_t who : left)
    if (!sits(who)) small.push_back(who);
  for (const std::uint64_t who : wish.people)
    if (!sits(who)) small.push_back(who);
  // The most wanted are seen, large or small: they take the last places of those who are not wanted.
  for (std::size_t i = room; i < small.size(); ++i) {
    if (std::ranges::count(wish.first, small[i]) == 0) continue;
    for (std::size_t other = room; other-- > 0;) {
      if (std::ranges::count(wish.first, small[other]) != 0) continue;
      std::swap(small[other], small[i]);
      break;
    }
  }
  if (small.size() > room) small.resize(room);

  large_ = large.size();
  seated_ = std::move(large);
  seated_.insert(seated_.end(), small.begin(), small.end());
  return seated_;
}

} // namespace viadux::mixer
