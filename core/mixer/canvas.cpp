#include "core/mixer/canvas.hpp"

#include <algorithm>

namespace viadux::mixer {
namespace {

constexpr int most_width = 1280, most_height = 720; // of a picture that is followed
constexpr int least_named = 60;                     // pixels: a lower tile has no name on it
constexpr Colour letters{255, 255, 255}, ground{0, 0, 0}, muted_ground{190, 20, 30}, hand_ground{200, 140, 0};

unsigned letter_size(int height) {
  return static_cast<unsigned>(std::clamp(height / 18, 11, 24));
}

Area shrunk(const Area& area, int by) {
  return {area.x + by, area.y + by, area.width - 2 * by, area.height - 2 * by};
}

} // namespace

Canvas::Canvas(const CanvasStyle& style, Font& font)
    : style_(style), font_(font),
      picture_(plain_picture(style.width, style.height, to_yuv(style.background))) {
  dress();
}

// As the plan's look says.
void Canvas::dress() {
  const Look look = plan_.look ? *plan_.look : Look{};
  ground_ = {to_yuv(look.background.value_or(style_.background)), nullptr};
  border_ = to_yuv(look.border.value_or(style_.border));
  if (look.backdrop && look.backdrop->width == style_.width && look.backdrop->height == style_.height)
    ground_.picture = look.backdrop.get(); // the plan keeps it
}

// Whatever is drawn on a place covers all of it, and what the watermark has there comes on top, once.
void Canvas::cover(const Area& area, const Ground& with) {
  lay(picture_, area, with);
  mark(area);
}

void Canvas::mark(const Area& area) {
  if (!plan_.look || !plan_.look->watermark) return;
  const Overlay& watermark = *plan_.look->watermark;
  const int margin = style_.height / 36 / 2 * 2;
  const int right = picture_.width - watermark.picture.width - margin;
  const int bottom = picture_.height - watermark.picture.height - margin;
  if (right < 0 || bottom < 0) return;
  const Corner corner = plan_.look->corner;
  const bool is_left = corner == Corner::top_left || corner == Corner::bottom_left;
  const bool is_top = corner == Corner::top_left || corner == Corner::top_right;
  lay_over(picture_, watermark, is_left ? margin : right, is_top ? margin : bottom, area);
}

std::vector<Canvas::Tile> Canvas::place(const CanvasPlan& plan) const {
  const Places places = places_of(plan.layout, plan.people, style_.width, style_.height);
  const int gap = places.areas.size() > 1 ? std::max(style_.height / 180 / 2 * 2, 2) : 0;
  std::vector<Tile> tiles;
  for (std::size_t i = 0; i < std::min(places.areas.size(), plan.tiles.size()); ++i)
    tiles.push_back({plan.tiles[i], shrunk(places.areas[i], gap), true, nullptr});
  return tiles;
}

void Canvas::set(CanvasPlan plan, std::int64_t now_us) {
  if (plan.follows) plan.look = nullptr; // in another one's shape, and as that one sent it
  if ((waiting_ || begun_) && plan == (waiting_ ? next_ : plan_)) return;
  next_ = std::move(plan);
  if (!waiting_) since_us_ = now_us;
  waiting_ = true;
}

void Canvas::add_heights(std::map<TrackId, int>& heights, bool small_tiles) const {
  const auto add = [&](const std::vector<Tile>& tiles) {
    for (const Tile& tile : tiles)
      if (tile.plan.track != 0 && (small_tiles || tile.area.height * 2 >= style_.height))
        heights[tile.plan.track] = std::max(heights[tile.plan.track], tile.area.height);
  };
  add(tiles_);
  if (waiting_) add(place(next_));
}

bool Canvas::ready(const Sources& sources) const {
  return std::ranges::all_of(next_.tiles, [&](const TilePlan& tile) {
    const auto source = sources.find(tile.track);
    return source == sources.end() || source->second->picture();
  });
}

// Tiles that stay as they are keep what they show.
void Canvas::arrange() {
  std::vector<Tile> tiles = place(next_);
  for (Tile& tile : tiles)
    for (const Tile& old : tiles_) {
      if (old.plan.name == tile.plan.name && old.area == tile.area) tile.name = old.name;
      if (old.plan == tile.plan && old.area == tile.area) tile.dirty = old.dirty;
    }
  const bool same_places = plan_.layout == next_.layout && tiles.size() == tiles_.size() &&
                           std::ranges::equal(tiles, tiles_, {}, &Tile::area, &Tile::area);
  const bool same_look = plan_.look == next_.look;
  const bool same_raised = plan_.text == next_.text && plan_.recorded == next_.recorded;
  tiles_ = std::move(tiles);
  plan_ = std::move(next_);
  next_ = {};
  waiting_ = false;
  begun_ = true;
  changed_ = true;
  gap_ = tiles_.empty() || plan_.follows ? 0 : std::max(style_.height / 180 / 2 * 2, 2);
  write_names();
  if (!same_look) dress();
  if (!same_raised) write_raised();
  if (!same_places || !same_raised || !same_look) {
    cover({0, 0, picture_.width, picture_.height}, ground_);
    for (Tile& tile : tiles_)
      tile.dirty = true;
  }
  if (places_of(plan_.layout, plan_.people, style_.width, style_.height).areas.size() < 2) gap_ = 0;
  for (const Tile& tile : tiles_)
    draw_border(tile);
}

void Canvas::write_names() {
  for (Tile& tile : tiles_) {
    if (tile.name || tile.plan.name.empty() || tile.area.height < least_named) continue;
    const unsigned size = letter_size(tile.area.height);
    const int most = tile.area.width * 3 / 4;
    tile.name = std::make_shared<const Label>(font_, tile.plan.name, size, most, letters, ground);
  }
}

void Canvas::write_raised() {
  const auto size = static_cast<unsigned>(std::max(style_.height / 24, 12));
  text_ =
      plan_.text.empty() ? Label() : Label(font_, plan_.text, size, style_.width * 3 / 4, letters, ground);
  recorded_ = plan_.recorded
                  ? Label(Label::Sign::recorded, static_cast<int>(size) * 3 / 2, letters, muted_ground)
                  : Label();
  text_.cover_all();
  recorded_.cover_all();
}

// At the upper edge: at the lower ones of the tiles are names.
void Canvas::draw_raised() {
  const int margin = style_.height / 45 / 2 * 2;
  if (recorded_) recorded_.put_on(picture_, margin, margin);
  if (text_) text_.put_on(picture_, (picture_.width - text_.width()) / 4 * 2, margin);
}

// In the gap around the tile, so that it hides nothing.
void Canvas::draw_border(const Tile& tile) {
  if (gap_ == 0) return;
  const Ground around = tile.plan.speaks ? Ground{border_, nullptr} : ground_;
  const Area& in = tile.area;
  cover({in.x - gap_, in.y - gap_, in.width + 2 * gap_, gap_}, around);
  cover({in.x - gap_, in.y + in.height, in.width + 2 * gap_, gap_}, around);
  cover({in.x - gap_, in.y, gap_, in.height}, around);
  cover({in.x + in.width, in.y, gap_, in.height}, around);
}

void Canvas::draw_signs(const Tile& tile) {
  if (tile.area.height < least_named) return;
  const int margin = gap_ + 2, size = static_cast<int>(letter_size(tile.area.height)) * 3 / 2;
  const int bottom = tile.area.y + tile.area.height - margin;
  int x = tile.area.x + margin;
  const auto put = [&](Label::Sign sign, const Colour& on) {
    const Label label(sign, size, letters, on);
    label.put_on(picture_, x, bottom - label.height());
    x += label.width();
  };
  if (tile.plan.hand) put(Label::Sign::hand, hand_ground);
  if (tile.plan.muted) put(Label::Sign::muted, muted_ground);
  if (tile.name && *tile.name) tile.name->put_on(picture_, x, bottom - tile.name->height());
}

// The shape of a canvas that shows one alone is that one's.
bool Canvas::follow(const Sources& sources) {
  if (!plan_.follows || tiles_.size() != 1) return false;
  const auto source = sources.find(tiles_[0].plan.track);
  if (source == sources.end() || !source->second->picture()) return false;
  const PictureView seen = source->second->picture();
  int width = seen.width, height = seen.height;
  if ((source->second->turned() & 1U) != 0) std::swap(width, height);
  const double shrink =
      std::max({1.0, static_cast<double>(width) / most_width, static_cast<double>(height) / most_height});
  width = std::max(16, static_cast<int>(width / shrink) & ~1);
  height = std::max(16, static_cast<int>(height / shrink) & ~1);
  if (width == picture_.width && height == picture_.height) return false;
  picture_ =
      plain_picture(static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height), ground_.colour);
  tiles_[0].area = {0, 0, width, height};
  tiles_[0].dirty = true;
  return true;
}

bool Canvas::draw_tile(Tile& tile, const PictureSource& source) {
  const PictureView seen = source.picture();
  if (!seen) return false;
  const Fit fit = tile.plan.slides ? Fit::whole : Fit::fill;
  scale_into(picture_, tile.area, seen, fit, ground_, source.turned());
  draw_signs(tile);
  mark(tile.area);
  tile.dirty = false;
  return true;
}

bool Canvas::draw(const Sources& sources, const std::vector<TrackId>& fresh, std::int64_t now_us) {
  if (waiting_ && (ready(sources) || now_us - since_us_ >= wait_us)) arrange();
  follow(sources);
  for (Tile& tile : tiles_) {
    const auto source = sources.find(tile.plan.track);
    if (source == sources.end()) continue;
    if (tile.dirty || std::ranges::count(fresh, tile.plan.track) != 0)
      changed_ |= draw_tile(tile, *source->second);
  }
  if (changed_) draw_raised();
  return std::exchange(changed_, false);
}

} // namespace viadux::mixer
