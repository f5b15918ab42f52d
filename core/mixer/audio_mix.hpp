// A room's sound: everybody's voices in, and for each listener all but its own out. What is the same for many
// is encoded once. A voice is on the floor (the channel "") or in a named channel, as an interpreter's is;
// who listens to a channel hears its voices, and the floor beneath them, ducked while somebody speaks in it.
// Who listens to the floor hears nothing of a channel. Pure: packets and time come from outside, packets go
// out by a callback. [one thread]
#pragma once

#include "core/mixer/audio_encoder.hpp"
#include "core/mixer/ducking.hpp"
#include "core/mixer/leveller.hpp"
#include "core/mixer/limiter.hpp"
#include "core/mixer/voice.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace viadux::mixer {

struct AudioStyle {
  AudioEncoding encoding;
  bool even = true; // voices are brought to one loudness
};

struct MixCounters {
  std::uint64_t ticks = 0;        // with somebody listening
  std::uint64_t voices_mixed = 0; // frames
  std::uint64_t encodes = 0;
  std::uint64_t shared = 0; // packets that were copies of one encoded for others as well
};

// A packet of an output.
struct MixPacket {
  std::uint64_t output = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  bool marker = false; // the first after a pause
  std::uint8_t minus_dbov = 127;
  std::span<const std::uint8_t> payload; // valid during the call
};

class AudioMix {
 public:
  static constexpr std::size_t most_voices = 16; // of a channel, the loudest; nobody can tell more apart
  // A voice as loud as this ducks the floor; what is quieter is a breath, or the room it sits in.
  static constexpr std::uint8_t ducks_minus_dbov = 55;

  explicit AudioMix(const AudioStyle& style) : style_(style) {}

  // `owner` says whose voice it is: outputs with the same owner are without it. False: no codec of ours.
  bool add_voice(std::uint64_t track, std::uint64_t owner, rtp::Codec codec, std::string_view channel = {});
  void set_channel(std::uint64_t track, std::string_view channel); // it goes on without a break
  void remove_voice(std::uint64_t track);
  bool has_voice(std::uint64_t track) const { return voices_.contains(track); }
  Voice* voice(std::uint64_t track);
  // The owner's picture waits for this voice.
  void set_lip_sync(std::uint64_t track, std::shared_ptr<LipSync> lip_sync);

  // `owner` 0: for who has no voice. Nothing is encoded for an output that is not wanted.
  bool add_output(std::uint64_t output, std::uint64_t owner, rtp::Codec codec, std::string_view channel = {});
  void remove_output(std::uint64_t output);
  void set_wanted(std::uint64_t output, bool wanted);

  // Every 20 ms. `send` is called for each output that has a packet.
  void tick(std::int64_t now_us, const std::function<void(const MixPacket&)>& send);

  // Owners with a voice that was loud within `within_us`.
  std::vector<std::uint64_t> speakers(std::int64_t now_us, std::int64_t within_us) const;
  const MixCounters& counters() const { return counters_; }
  VoiceCounters voice_counters() const; // of all there are and were

 private:
  struct Channel;
  struct Source {
    Source(std::uint64_t who, rtp::Codec codec, Channel& where) : owner(who), channel(&where), voice(codec) {}
    std::uint64_t owner;
    Channel* channel;
    Voice voice;
    Leveller leveller;
    Frame sound{};
    std::shared_ptr<LipSync> lip_sync;
    bool left_out = false; // others who tell their levels are louder
    bool ducks = false;    // loud enough, in this tick
  };
  struct Encoded {
    std::array<std::uint8_t, AudioEncoder::max_bytes> payload{};
    std::size_t size = 0;
    std::uint8_t minus_dbov = 127;
  };
  struct Output {
    std::uint64_t owner = 0;
    rtp::Codec codec = rtp::Codec::opus;
    Channel* channel = nullptr;
    Ducking ducking; // by others than its owner: who speaks himself has the floor to listen to
    bool wanted = false;
    bool alone = false; // had an encoder of its own last time
    std::unique_ptr<AudioEncoder> encoder;
    Limiter limiter;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool paused = true;
  };
  struct Shared { // of one codec
    std::unique_ptr<AudioEncoder> encoder;
    Encoded encoded;
    std::uint64_t tick = 0; // when it was last used
  };
  struct Channel {
    std::vector<Source*> told;  // scratch
    std::vector<Source*> heard; // in this tick's mix
    Frame voices{};             // their sum
    Frame sum{};                // with the floor beneath
    Frame limited{};
    bool limited_ready = false;
    Ducking ducking;
    Limiter limiter;
    std::map<rtp::Codec, Shared> shared;
  };

  static void loudest_first(std::vector<Source*>& sources);
  static void sum_without(std::uint64_t owner, const Channel& channel, Frame& frame);
  static bool ducked(const Channel& channel, std::uint64_t owner);
  Channel& channel(std::string_view name);
  void forget_channels();
  void collect(std::int64_t now_us);
  void sum(Channel& channel, std::int64_t now_us);
  bool is_floor(const Channel& channel) const { return &channel == &floor_; }
  bool hears_itself(const Output& output) const;
  const Encoded& shared(Channel& channel, rtp::Codec codec);
  void encode_alone(Output& output, Encoded& encoded);

  AudioStyle style_;
  std::map<std::string, Channel, std::less<>> channels_;
  Channel& floor_ = channels_[""];
  std::map<std::uint64_t, std::unique_ptr<Source>> voices_;
  std::map<std::uint64_t, Output> outputs_;
  std::uint64_t tick_ = 0;
  VoiceCounters gone_;
  MixCounters counters_;
};

} // namespace viadux::mixer
