// The mixer as the control thread sees it: spreads rooms over the codec threads, and knows which track is
// whose mix.
#pragma once

#include "core/control/loop.hpp"
#include "core/metrics/metrics.hpp"
#include "core/mixer/codec_thread.hpp"
#include "core/mixer/look.hpp"
#include "core/mixer/mix_control.hpp"
#include "core/mixer/pictures.hpp"
#include "core/mixer/still_maker.hpp"
#include "core/session/engine.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace viadux {

struct MixerOptions {
  std::uint32_t threads = 1;         // of sound
  std::uint32_t picture_threads = 1; // of pictures
  mixer::AudioStyle audio;
  mixer::PictureStyle pictures;
  std::string font =
      "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"; // of stills; where it is missing, no text
};

class Mixer final : public MixControl {
 public:
  // The engine outlives it. Errors: as Engine::open_port().
  static Result<std::unique_ptr<Mixer>> create(const MixerOptions& options, Engine& engine, ControlLoop& loop,
                                               Metrics& metrics);
  ~Mixer() override;

  // How organisations' pictures look from now on, in rooms that are open, too.
  void set_looks(mixer::Looks looks);

  void open_room(std::uint64_t room, std::string_view organisation) override;
  void set_voices(std::uint64_t room, std::span<const MixVoice> voices) override;
  TrackId mix(std::uint64_t room, std::uint64_t owner, const std::string& channel, rtp::Codec codec) override;
  void set_scene(std::uint64_t room, const MixScene& scene) override {
    pictures_.set_scene(room, scene, look_of(room));
  }
  TrackId view(std::uint64_t room, const MixView& view, rtp::Codec codec) override {
    return pictures_.view(room, view, codec);
  }
  TrackId transcoded(std::uint64_t room, TrackId track, rtp::Codec codec) override {
    return pictures_.transcoded(room, track, codec);
  }
  void close_room(std::uint64_t room) override;
  TrackId still(std::uint64_t room, StillText text, rtp::Codec codec) override;
  void on_change(std::function<void(std::uint64_t room)> changed) override { changed_ = std::move(changed); }

 private:
  struct Hearing {
    std::uint64_t owner = 0; // who is left out; 0: for all who do not speak
    std::string channel;
    rtp::Codec codec = rtp::Codec::opus;
    auto operator<=>(const Hearing&) const = default;
  };
  struct Room {
    mixer::CodecThread* thread = nullptr;
    std::map<TrackId, MixVoice> voices;
    std::map<Hearing, TrackId> outputs;
    std::set<Hearing> asked; // of channels, since the last set_voices()
    std::set<std::uint64_t> speakers;
  };

  using StillKey = std::tuple<std::shared_ptr<const mixer::Look>, StillText, rtp::Codec>;

  Mixer(const MixerOptions& options, ControlLoop& loop, Metrics& metrics);
  std::shared_ptr<const mixer::Look> look_of(std::uint64_t room) const;
  TrackId still_of(std::shared_ptr<const mixer::Look> look, StillText text, rtp::Codec codec);
  void forget_stills();
  Room& room(std::uint64_t id);
  void leave_elsewhere(std::uint64_t id, TrackId track);
  template <class Over>
  static void withdraw_outputs(Room& room, Over over);
  void speakers_changed(std::uint64_t id, const std::vector<std::uint64_t>& owners);
  void prune(std::uint64_t id);
  void collect(MetricSink& sink) const;

  const MixerOptions options_;
  ControlLoop& loop_;
  Metrics& metrics_;
  CollectorId collector_ = 0;
  std::vector<std::unique_ptr<mixer::CodecThread>> threads_;
  mixer::LipSyncs lip_syncs_;
  mixer::Pictures pictures_;
  std::map<std::uint64_t, Room> rooms_;
  mixer::StillMaker still_maker_;
  std::map<StillKey, TrackId> stills_;
  mixer::Looks looks_;
  std::unordered_map<std::uint64_t, std::string> organisations_; // of open rooms
  std::function<void(std::uint64_t)> changed_;
  std::shared_ptr<Mixer*> self_ = std::make_shared<Mixer*>(this);
};

} // namespace viadux
