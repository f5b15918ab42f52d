// What a meeting asks of the mixer. All calls return at once; codec threads do the work. [control]
#pragma once

#include "core/rtp/codec.hpp"
#include "core/session/media_control.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace viadux {

// A track that may be heard, whose it is, and the channel that it is heard in ("" is the floor).
struct MixVoice {
  TrackId track = 0;
  std::uint64_t owner = 0;
  std::string channel = {};
  bool operator==(const MixVoice&) const = default;
};

// What a client with one picture is shown when there is none.
enum class StillText : std::uint8_t { waiting_for_host = 1, alone = 2, camera_off = 3 };

// How pictures stand in a composed one (layout.cpp has the table).
enum class Layout : std::uint8_t {
  one_seven = 1, // "1:7": the speaker large, seven others small
  one,           // "1:0"
  two_two,
  three_three,
  four_four,
  five_five,
  one_twentyone,
  one_thirtythree,
  two_twentyone,
  slides, // a presentation, and four beside it
  stage,
  equal, // as many tiles as there are people, up to 25
};
struct LayoutName {
  Layout layout;
  std::string_view word;
};
inline constexpr std::array layout_names{
    LayoutName{Layout::one_seven, "1:7"},      LayoutName{Layout::one, "1:0"},
    LayoutName{Layout::two_two, "2x2"},        LayoutName{Layout::three_three, "3x3"},
    LayoutName{Layout::four_four, "4x4"},      LayoutName{Layout::five_five, "5x5"},
    LayoutName{Layout::one_twentyone, "1:21"}, LayoutName{Layout::one_thirtythree, "1:33"},
    LayoutName{Layout::two_twentyone, "2:21"}, LayoutName{Layout::slides, "slides"},
    LayoutName{Layout::stage, "stage"},        LayoutName{Layout::equal, "equal"}};
constexpr std::optional<Layout> layout_from(std::string_view word) {
  for (const LayoutName& each : layout_names)
    if (each.word == word) return each.layout;
  return std::nullopt;
}

constexpr std::string_view to_word(Layout layout) {
  for (const LayoutName& each : layout_names)
    if (each.layout == layout) return each.word;
  return {};
}

// So many stand large in it.
constexpr std::size_t large_count(Layout layout) {
  switch (layout) {
  case Layout::one_seven:
  case Layout::one:
  case Layout::one_twentyone:
  case Layout::one_thirtythree:
  case Layout::slides:
  case Layout::stage:
    return 1;
  case Layout::two_twentyone:
    return 2;
  case Layout::two_two:
  case Layout::three_three:
  case Layout::four_four:
  case Layout::five_five:
  case Layout::equal:
    return 0;
  }
  return 0;
}

// A track that may be seen, and whose it is.
struct MixPicture {
  TrackId track = 0;
  std::uint64_t owner = 0;
  std::string name; // written on it; personal
  bool muted = false;
  bool hand = false; // raised
  bool operator==(const MixPicture&) const = default;
};

// What a room has to show.
struct MixScene {
  std::vector<MixPicture> people;   // in order of joining
  std::vector<std::uint64_t> first; // owners who are to be large, the most wanted first
  std::uint64_t speaker = 0;        // has the border
  TrackId slides = 0;               // the presentation
  std::string text;                 // a line over the whole picture; may be personal
  bool recorded = false;            // has the sign for it
  bool operator==(const MixScene&) const = default;
};

// What a receiver wants to see of it.
struct MixView {
  Layout layout = Layout::one_seven;
  bool slides = false; // the presentation, with people beside it, while there is one
  std::uint64_t not_large =
      0; // an owner who is among those who are large, and does not want to see himself so
  auto operator<=>(const MixView&) const = default;
};

class MixControl {
 public:
  virtual ~MixControl() = default;

  // Before anything else about a room: whose it is decides how what is drawn there looks.
  virtual void open_room(std::uint64_t room, std::string_view organisation) = 0;
  // All who may be heard in the room from now on.
  virtual void set_voices(std::uint64_t room, std::span<const MixVoice> voices) = 0;
  // The track for a slot that hears all of the room but `owner`; it changes as people begin to speak (ask
  // again when told). With a channel: all of that channel, and the floor beneath it; ask anew before each
  // set_voices(), what nobody has asked for since the last one is no more. 0: no codec of ours, or no room
  // for it.
  virtual TrackId mix(std::uint64_t room, std::uint64_t owner, const std::string& channel,
                      rtp::Codec codec) = 0;
  virtual void close_room(std::uint64_t room) = 0;

  // All that may be seen in the room from now on. Only what somebody is shown is decoded.
  virtual void set_scene(std::uint64_t room, const MixScene& scene) = 0;
  // The track of a composed picture, the same for all with the same view and codec. Ask for it anew before
  // each set_scene(): what nobody has asked for since the last one is no more. 0: no codec of ours, or no
  // room for it.
  virtual TrackId view(std::uint64_t room, const MixView& view, rtp::Codec codec) = 0;
  // One picture in another codec, not composed. Asked for as above.
  virtual TrackId transcoded(std::uint64_t room, TrackId track, rtp::Codec codec) = 0;
  // 0: there is none in that codec.
  virtual TrackId still(std::uint64_t room, StillText text, rtp::Codec codec) = 0;

  // Called when mix() or still() may answer something else for somebody in the room, or it looks otherwise.
  virtual void on_change(std::function<void(std::uint64_t room)> changed) = 0;
};

} // namespace viadux
