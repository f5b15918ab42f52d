// One thread that decodes, composes and encodes its rooms' pictures, at a lower priority than sound's. It
// takes and gives tracks by a port of its own; nobody waits for it.
#pragma once

#include "core/control/clock.hpp"
#include "core/mixer/picture_budget.hpp"
#include "core/mixer/picture_mix.hpp"
#include "core/net/counters.hpp"
#include "core/session/track_port.hpp"

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
struct PictureThreadCounters {
  Counter ticks, late_ticks;
  Counter decoded, damaged, lost, malformed;
  Counter composed, encoded, left_out, key_frames, encoder_failures;
  Counter dropped; // packets that found a worker's ring full
  Counter cpu_us;
};

class PictureThread final : public TrackPortSink, public PictureOut {
 public:
  using Task = std::function<void(PictureThread&)>;

  PictureThread(const Clock& clock, const PictureStyle& style)
      : clock_(clock), style_(style), budget_(style.fps) {}
  ~PictureThread() override { stop(); }

  void start(std::unique_ptr<TrackPort> port);                        // [control]
  void stop();                                                        // [control] the port ends, too
  TrackPort& port() { return *port_; }                                // [control] its calls marked so
  void post(Task task);                                               // [control] runs before the next tick
  const PictureThreadCounters& counters() const { return counters_; } // [any thread]
  // Of PictureBudget::steps. [any thread]
  std::size_t effort_step() const { return effort_step_.load(std::memory_order_relaxed); }
  double load() const { return load_.load(std::memory_order_relaxed); }
  std::int64_t encoders() const { return encoders_.load(std::memory_order_relaxed); }

  // [picture]
  PictureMix& room(std::uint64_t id);
  void close_room(std::uint64_t id);
  void add_source(std::uint64_t room, TrackId track, rtp::Codec codec, unsigned encodings,
                  std::shared_ptr<LipSync> lip_sync);
  void remove_source(TrackId track);
  void add_output(std::uint64_t room, TrackId track, std::uint64_t canvas, rtp::Codec codec);
  void remove_output(TrackId track);
  std::int64_t now_us() const { return clock_.now_us(); }

  void on_packet(TrackId track, const router::ChannelRecord& record,
                 std::span<const std::uint8_t> payload) override;
  void on_time(TrackId track, std::uint8_t encoding, std::uint32_t timestamp, std::int64_t media_us) override;
  void on_ended(TrackId track) override { remove_source(track); }
  void on_wanted(TrackId track, bool wanted) override;
  void on_key_frame_wanted(TrackId track, std::uint8_t encoding) override;
  void on_encodings_in_use(TrackId track, std::uint8_t encodings) override;
  void send(TrackId output, const PortPacket& packet) override;
  void ask_key_frame(TrackId source, std::uint8_t encoding) override;

 private:
  struct Room {
    Room(const PictureStyle& style, PictureOut& out) : mix(style, out) {}
    PictureMix mix;
    PictureCounters counted;
    SourceCounters sources_counted;
  };
  void run();
  void run_tasks();
  void tick(std::int64_t now_us);
  void weigh(std::int64_t began_us);
  void count(Room& room);

  const Clock& clock_;
  const PictureStyle style_;
  std::unique_ptr<TrackPort> port_;
  std::map<std::uint64_t, Room> rooms_; // [picture], as all below but what the mutex guards
  std::unordered_map<TrackId, std::uint64_t> source_rooms_, output_rooms_;
  PictureBudget budget_;
  std::atomic<std::int64_t> encoders_{0};
  std::atomic<std::size_t> effort_step_{0};
  std::atomic<double> load_{0};
  PictureThreadCounters counters_;
  std::vector<Task> running_;

  std::mutex mutex_;
  std::condition_variable posted_;
  std::vector<Task> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace viadux::mixer
