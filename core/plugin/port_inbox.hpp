// What a plugin's port has received, as batches with times on the media clock. No engine, no locks: the
// port's owner calls it from one thread at a time. Batches outlive it.
#pragma once

#include "core/session/track_port.hpp"

#include <deque>
#include <map>
#include <set>
#include <viadux/media.h>

namespace viadux {

class PortInbox final : public TrackPortSink {
 public:
  static constexpr std::size_t held_max = 64; // batches that a plugin may hold

  PortInbox();
  ~PortInbox() override;
  PortInbox(const PortInbox&) = delete;
  PortInbox& operator=(const PortInbox&) = delete;

  // Which tracks' packets are let through, and by which codec they are read. Video begins with a key frame.
  void add(TrackId track, const router::TrackConfig& config);
  void remove(TrackId track);

  // The oldest batch, with one reference; null when there is none.
  const viadux_batch* take();
  // The plugin holds as many as it may: do not fill it further.
  bool full() const { return held_->load() >= held_max; }
  bool empty() const { return ready_.empty(); }
  // Encodings of video that still wait for a key frame and have not asked in the last half second.
  std::vector<std::pair<TrackId, std::uint8_t>> key_frames_due(std::int64_t now_us);

  // [any thread]
  static void retain(const viadux_batch* batch);
  static void release(const viadux_batch* batch);

  void on_packet(TrackId track, const router::ChannelRecord& record,
                 std::span<const std::uint8_t> payload) override;
  void on_time(TrackId track, std::uint8_t encoding, std::uint32_t timestamp, std::int64_t media_us) override;
  void on_ended(TrackId track) override;
  void on_wanted(TrackId track, bool wanted) override;
  void on_key_frame_wanted(TrackId track, std::uint8_t encoding) override;

 private:
  struct Held;
  struct Encoding {
    bool begun = false; // a key frame has come
    std::int64_t asked_us = INT64_MIN / 2;
    bool timed = false, by_report = false;
    std::uint32_t timestamp = 0; // at media_us
    std::int64_t media_us = 0;
  };
  struct Track {
    rtp::Codec codec = rtp::Codec::unknown;
    std::vector<Encoding> encodings;
  };

  std::int64_t media_us(Encoding& encoding, rtp::Codec codec, const router::ChannelRecord& record) const;
  void append(const viadux_item& item, std::span<const std::uint8_t> payload);
  void tell(viadux_item_kind kind, TrackId track, std::uint8_t encoding = 0);

  std::map<TrackId, Track> tracks_;
  std::deque<std::unique_ptr<Held>> ready_;
  const std::shared_ptr<std::atomic<std::size_t>> held_ = std::make_shared<std::atomic<std::size_t>>(0);
};

} // namespace viadux
