// The control thread's side of composed pictures: which view has whom in which place, which tracks are taken
// for that, and which picture thread does it. Part of Mixer. [control]
#pragma once

#include "core/mixer/layout.hpp"
#include "core/mixer/mix_control.hpp"
#include "core/mixer/picture_thread.hpp"
#include "core/session/engine.hpp"

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace viadux::mixer {

class Pictures {
 public:
  Pictures(const PictureStyle& style, LipSyncs& lip_syncs) : style_(style), lip_syncs_(lip_syncs) {}
  ~Pictures() { threads_.clear(); }

  // Errors: as Engine::open_port().
  Result<void> start(std::uint32_t threads, Engine& engine, const Clock& clock);
  void set_scene(std::uint64_t room, const MixScene& scene, std::shared_ptr<const Look> look);
  TrackId view(std::uint64_t room, const MixView& view, rtp::Codec codec);
  TrackId transcoded(std::uint64_t room, TrackId track, rtp::Codec codec);
  void close_room(std::uint64_t room);
  void collect(MetricSink& sink) const;

 private:
  // What a canvas shows: a view of the room, or one alone.
  struct Subject {
    MixView view;
    TrackId alone = 0;
    auto operator<=>(const Subject&) const = default;
  };
  struct Shown {
    std::uint64_t canvas = 0;
    Seats seats;
    CanvasPlan plan;
    std::map<rtp::Codec, TrackId> outputs;
    std::map<rtp::Codec, std::uint64_t> asked; // in which round it was last asked for
  };
  struct Room {
    PictureThread* thread = nullptr;
    MixScene scene;
    std::shared_ptr<const Look> look;
    std::set<TrackId> taken;
    std::map<Subject, Shown> shown;
    std::uint64_t round = 0;
  };

  Room& room(std::uint64_t id);
  TrackId output(std::uint64_t id, const Subject& subject, rtp::Codec codec);
  CanvasPlan plan(const Room& room, const Subject& subject, Shown& shown) const;
  void forget_unasked(std::uint64_t id, Room& room);
  void arrange(std::uint64_t id, Room& room);
  void take(std::uint64_t id, Room& room);
  void leave_elsewhere(std::uint64_t id, TrackId track);

  const PictureStyle style_;
  LipSyncs& lip_syncs_;
  std::vector<std::unique_ptr<PictureThread>> threads_;
  std::map<std::uint64_t, Room> rooms_;
  std::uint64_t last_canvas_ = 0;
};

} // namespace viadux::mixer
