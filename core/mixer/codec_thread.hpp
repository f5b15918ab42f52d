// One thread of the codec pool: mixes its rooms every 20 ms, and sends its stills. It takes and gives tracks
// by a port of its own; nobody waits for it.
#pragma once

#include "core/control/clock.hpp"
#include "core/mixer/audio_mix.hpp"
#include "core/mixer/mix_control.hpp"
#include "core/mixer/still.hpp"
#include "core/net/counters.hpp"
#include "core/session/track_port.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace viadux::mixer {

// One thread writes, any may read.
struct CodecCounters {
  Counter ticks, late_ticks;
  Counter mixes, encodes, shared_packets, packets_dropped;
  Counter decoded, skipped, recovered, concealed, underruns;
  Counter still_frames;
  Counter cpu_us;
};

class CodecThread final : public TrackPortSink {
 public:
  // How long after the last word somebody still counts as a speaker.
  static constexpr std::int64_t speaker_us = 10'000'000;
  using Task = std::function<void(CodecThread&)>;
  using Speakers = std::function<void(std::uint64_t room, std::vector<std::uint64_t> owners)>;

  // `speakers` is called on the thread when who speaks in a room has changed.
  CodecThread(const Clock& clock, const AudioStyle& style, Speakers speakers)
      : clock_(clock), style_(style), speakers_(std::move(speakers)) {}
  ~CodecThread() override { stop(); }

  void start(std::unique_ptr<TrackPort> port);                // [control]
  void stop();                                                // [control] the port ends, too
  TrackPort& port() { return *port_; }                        // [control] its calls marked so
  void post(Task task);                                       // [any thread] runs before the next tick
  const CodecCounters& counters() const { return counters_; } // [any thread]

  // [codec]
  AudioMix& room(std::uint64_t id);
  void close_room(std::uint64_t id);
  void add_voice(std::uint64_t room, const MixVoice& voice, rtp::Codec codec,
                 std::shared_ptr<LipSync> lip_sync = nullptr);
  void set_channel(TrackId track, const std::string& channel);
  void remove_voice(TrackId track);
  void add_output(std::uint64_t room, TrackId track, std::uint64_t owner, const std::string& channel,
                  rtp::Codec codec);
  void remove_output(TrackId track);
  // A still is made meanwhile, and shown when it is there; one that is forgotten by then never is.
  void expect_still(TrackId track) { stills_[track]; }
  void show_still(TrackId track, std::shared_ptr<const Still> still);
  void remove_still(TrackId track) { stills_.erase(track); }

  void on_packet(TrackId track, const router::ChannelRecord& record,
                 std::span<const std::uint8_t> payload) override;
  void on_time(TrackId track, std::uint8_t encoding, std::uint32_t timestamp, std::int64_t media_us) override;
  void on_ended(TrackId track) override { remove_voice(track); }
  void on_wanted(TrackId track, bool wanted) override;
  void on_key_frame_wanted(TrackId track, std::uint8_t encoding) override;

 private:
  struct Room {
    explicit Room(const AudioStyle& style) : mix(style) {}
    AudioMix mix;
    std::vector<std::uint64_t> speakers;
    MixCounters counted;
    VoiceCounters voices_counted;
  };
  struct Showing {
    std::shared_ptr<const Still> still; // null: not made yet
    bool wanted = false;
    std::size_t next = 0; // frame
    std::int64_t due_us = 0;
    std::uint16_t sequence = 0;
    std::uint16_t picture_id = 0; // runs on when the film begins anew
  };

  void run();
  void run_tasks();
  void tick(std::int64_t now_us);
  void show(TrackId track, Showing& showing, std::int64_t now_us);
  void count(Room& room);

  const Clock& clock_;
  const AudioStyle style_;
  const Speakers speakers_;
  std::unique_ptr<TrackPort> port_;
  std::map<std::uint64_t, Room> rooms_; // [codec], as all below but what the mutex guards
  std::unordered_map<TrackId, std::uint64_t> voice_rooms_;
  std::unordered_map<TrackId, std::uint64_t> output_rooms_;
  std::map<TrackId, Showing> stills_;
  std::vector<std::uint8_t> payload_; // scratch
  CodecCounters counters_;
  std::vector<Task> running_;

  std::mutex mutex_;
  std::condition_variable posted_;
  std::vector<Task> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace viadux::mixer
