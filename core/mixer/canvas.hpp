// A composed picture: tiles with people in them, drawn where something has changed. A new arrangement waits a
// moment for those who are not decoded yet, so that nobody sees an empty place between two speakers. [one
// thread]
#pragma once

#include "core/mixer/layout.hpp"
#include "core/mixer/look.hpp"
#include "core/mixer/picture_source.hpp"
#include "core/mixer/text.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace viadux::mixer {

// What is in one place.
struct TilePlan {
  TrackId track = 0;
  std::string name;
  bool speaks = false, muted = false, hand = false;
  bool slides = false;
  bool operator==(const TilePlan&) const = default;
};

// What a canvas shows. With `follows` it is the picture of one alone, in its own shape.
struct CanvasPlan {
  Layout layout = Layout::one_seven;
  bool follows = false;
  std::size_t people = 0; // for layouts that are made for a number
  std::vector<TilePlan> tiles;
  std::string text;                 // a line over all of it
  bool recorded = false;            // the sign for that
  std::shared_ptr<const Look> look; // null: as CanvasStyle says
  bool operator==(const CanvasPlan&) const = default;
};

struct CanvasStyle {
  std::uint16_t width = composed_width, height = composed_height;
  Colour background{15, 23, 36};
  Colour border{255, 176, 0}; // of who speaks
  std::string font;           // a file, for names
};

using Sources = std::unordered_map<TrackId, std::unique_ptr<PictureSource>>;

class Canvas {
 public:
  static constexpr std::int64_t wait_us = 450'000; // for who is new

  // `font` outlives it.
  Canvas(const CanvasStyle& style, Font& font);

  void set(CanvasPlan plan, std::int64_t now_us);
  // How high each source is shown, now or soon: the largest place counts.
  void add_heights(std::map<TrackId, int>& heights, bool small_tiles = true) const;
  // Draws what is `fresh`; true if anything has changed.
  bool draw(const Sources& sources, const std::vector<TrackId>& fresh, std::int64_t now_us);
  const Picture& picture() const { return picture_; }
  // Whether it has ever shown what it was set to: until then it is an empty ground, and not worth sending.
  bool has_begun() const { return begun_; }

 private:
  struct Tile {
    TilePlan plan;
    Area area;
    bool dirty = true;                 // to be drawn as soon as there is a picture
    std::shared_ptr<const Label> name; // null: none
  };
  std::vector<Tile> place(const CanvasPlan& plan) const;
  void dress();
  void cover(const Area& area, const Ground& with);
  void mark(const Area& area);
  void write_names();
  void draw_border(const Tile& tile);
  void draw_signs(const Tile& tile);
  void write_raised();
  void draw_raised();
  bool ready(const Sources& sources) const;
  void arrange();
  bool follow(const Sources& sources);
  bool draw_tile(Tile& tile, const PictureSource& source);

  const CanvasStyle style_;
  Font& font_;
  Ground ground_;
  Yuv border_;
  Picture picture_;
  int gap_ = 0; // around each tile: where the border is
  CanvasPlan plan_, next_;
  bool waiting_ = false; // next_ is to come
  bool begun_ = false;
  std::int64_t since_us_ = 0;
  std::vector<Tile> tiles_;
  Label text_, recorded_; // over everything
  bool changed_ = true;
};

} // namespace viadux::mixer
