// A track taken by subscribers on another worker. The origin's worker has a FanOut on the track, which puts
// one copy of each batch into the channel between the two workers; the other worker has a Replica, which is a
// track like any other to its subscriptions. What they ask for goes back as TrackFeedback.
//
//   origin worker                                       other worker
//   FanOut fan_out(track, link.packets);                Replica replica(config, router, link.feedback);
//   router.flush(now);                                  link.packets.drain([&](auto& record, auto payload) {
//   if (link.packets.publish()) wake(other);              replicas[record.track].receive(record, payload);
//   }); link.feedback.pop(message) -> fan_out.apply(...)    router.flush(now); subscriptions as usual on
//   replica.track()
#pragma once

#include "core/router/packet_channel.hpp"
#include "core/router/spsc_queue.hpp"
#include "core/router/track.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace viadux::router {

// From a replica to its origin.
struct TrackFeedback {
  // wanted, unwanted and in_use are for origins that are no worker (session/track_port.hpp): there is a
  // replica, or no more; which encodings it passes on.
  enum class Kind : std::uint8_t { key_frame = 1, share = 2, wanted = 3, unwanted = 4, in_use = 5 };
  Kind kind = Kind::key_frame;
  std::uint8_t encoding = 0;   // key_frame: which; in_use: a bit for each
  std::uint32_t share_bps = 0; // share: the lowest of the replica's receivers
  std::uint64_t track = 0;
};

// All between one worker and another: packets one way, feedback the other.
struct WorkerLink {
  PacketChannel packets;
  SpscQueue<TrackFeedback> feedback{1024};
};

// [origin's worker]
class FanOut final : public TrackTap {
 public:
  FanOut(Track& track, PacketChannel& channel);
  ~FanOut() override; // detaches

  void apply(const TrackFeedback& message, std::int64_t now_us);

  void on_run(Track& track, std::span<const StoredPacket* const> run) override;
  void on_time(Track& track, unsigned encoding, std::uint32_t timestamp, std::int64_t media_us) override;
  std::uint32_t share_bps() const override { return share_bps_; }
  // Packets that found the channel full, with those left out behind them up to the next key frame.
  std::uint64_t dropped() const { return dropped_; }

 private:
  Track& track_;
  PacketChannel& channel_;
  std::uint32_t share_bps_ = 0;
  std::uint64_t dropped_ = 0;
  // Per encoding: something of a frame was lost in the channel; video resumes with a key frame.
  std::array<bool, max_encodings> broken_{};
  std::array<bool, max_encodings> gap_{}; // to be told with the next packet that goes through
};

// [the other worker]
class Replica final : public TrackSource {
 public:
  // `config` is the origin's.
  Replica(const TrackConfig& config, Router& router, SpscQueue<TrackFeedback>& feedback);

  void receive(const ChannelRecord& record, std::span<const std::uint8_t> payload);
  // Tells the origin the lowest share of its receivers, and which encodings they get, where that has changed.
  // Every 50-100 ms.
  void tick(std::uint32_t floor_bps);
  Track& track() { return track_; }
  const Track& track() const { return track_; }

  void request_key_frame(Track& track, unsigned encoding) override;

 private:
  SpscQueue<TrackFeedback>& feedback_;
  Track track_;
  std::uint32_t told_share_bps_ = 0;
  std::uint8_t told_in_use_ = 0;
};

} // namespace viadux::router
