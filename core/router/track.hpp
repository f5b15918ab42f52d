// Media arriving from a session: up to three encodings (simulcast layers), each with its ring of packets, and
// the subscriptions that take it. [worker; all calls on the worker that owns the Router]
//
//   per packet:  track.receive(encoding, view, extensions, now_us)   stores it and puts it on the turn's run
//   per turn:    router.flush(now_us)                                hands each run to each subscription
//   per 50 ms:   router.tick(now_us)                                 repeats key-frame requests, notices dead
//   layers
#pragma once

#include "core/router/packet_ring.hpp"
#include "core/router/rate_meter.hpp"
#include "core/rtp/codec.hpp"
#include "core/rtp/extensions.hpp"
#include "core/rtp/packet.hpp"
#include "core/rtp/unwrap.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace viadux::router {

class Router;
class Subscription;
class Track;

inline constexpr unsigned max_encodings = 3;
inline constexpr unsigned max_temporal_layers = 4;
inline constexpr std::size_t max_run = 64;

// Who can ask the sender for a key frame: the publisher's session (PLI or FIR), or for a replica the link to
// its origin. Requests are already merged and throttled.
class TrackSource {
 public:
  virtual ~TrackSource() = default;
  virtual void request_key_frame(Track& track, unsigned encoding) = 0;
};

// Takes a track's packets as they came: the link to another worker, a recorder, the mixer. One call per run;
// the packets are valid during the call.
class TrackTap {
 public:
  virtual ~TrackTap() = default;
  virtual void on_run(Track& track, std::span<const StoredPacket* const> run) = 0;
  // The sender's clock was told (RTCP SR).
  virtual void on_time(Track& /*track*/, unsigned /*encoding*/, std::uint32_t /*timestamp*/,
                       std::int64_t /*media_us*/) {}
  // What this tap's receivers can take, for Track::lowest_share_bps(); 0 is no opinion.
  virtual std::uint32_t share_bps() const { return 0; }
};

struct TrackConfig {
  std::uint64_t id = 0;
  rtp::Codec codec = rtp::Codec::unknown;
  std::uint8_t packetization_mode = 0; // H.264: the one negotiated with the publisher
  unsigned encodings = 1;              // 1-3; index 0 is the smallest picture
  std::size_t max_packets = 0;         // kept per encoding; 0 is 512 for video, 128 for audio
  // Encodings that their source makes only while somebody gets them, and what each then costs; 0: it is sent
  // anyway. They count as being there all the time.
  std::array<std::uint32_t, max_encodings> on_demand_bps{};
};

// What is known of an encoding: the allocator's input.
struct EncodingState {
  bool active = false; // something came within the last 2 s
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  unsigned temporal_layers = 1;
  std::int64_t last_key_frame_us = -1;
  // Of temporal layers 0..i together.
  std::array<std::uint32_t, max_temporal_layers> bitrate_bps{};
};

enum class Received : std::uint8_t { stored, duplicate, late, malformed, too_large, wrong_encoding };

struct TrackCounters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0; // of payload
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  std::uint64_t malformed = 0; // bad payload descriptor, too large, no such encoding
  std::uint64_t key_frames = 0;
  std::uint64_t key_frame_requests = 0; // sent to the source
};

class Track {
 public:
  // `source` and `router` outlive the track.
  Track(const TrackConfig& config, TrackSource& source, Router& router);
  ~Track(); // its subscriptions are left without a track
  Track(const Track&) = delete;
  Track& operator=(const Track&) = delete;

  // A decrypted packet of the media SSRC, or one taken out of RTX. Packets without payload are ignored
  // (`malformed`).
  Received receive(unsigned encoding, const rtp::PacketView& packet, const rtp::ExtensionValues& extensions,
                   std::int64_t now_us);

  // From an RTCP sender report: at `media_us` on the node's media clock (rtp::ClockOffset) the RTP time was
  // `timestamp`.
  void on_sender_report(unsigned encoding, std::uint32_t timestamp, std::int64_t media_us);

  // Somebody needs a key frame. Goes to the source at once, or as soon as the throttle allows: every 500 ms
  // for encoding 0 of several, every 1 s else; repeated by tick() until one comes.
  void request_key_frame(unsigned encoding, std::int64_t now_us);

  EncodingState encoding(unsigned encoding, std::int64_t now_us) const;
  unsigned encodings() const { return config_.encodings; }
  // A bit for each encoding that some subscription gets or waits for.
  std::uint8_t encodings_in_use() const;
  // The least that a subscription or tap says it can be given of this track, of those at or above
  // `floor_bps`; 0 if none has said: the publisher's cap.
  std::uint32_t lowest_share_bps(std::uint32_t floor_bps) const;

  void add_tap(TrackTap& tap);
  void remove_tap(TrackTap& tap);

  std::uint64_t id() const { return config_.id; }
  const TrackConfig& config() const { return config_; }
  const TrackCounters& counters() const { return counters_; }
  std::size_t subscriptions() const { return subscriptions_.size(); }

 private:
  friend class Router;
  friend class Subscription;

  // Where an encoding's RTP clock stands against the node's media clock.
  struct TimeReference {
    bool known = false;
    bool from_report = false;
    std::uint32_t timestamp = 0;
    std::int64_t media_us = 0;
  };
  struct Encoding {
    explicit Encoding(std::size_t max_packets) : ring(max_packets) {}
    PacketRing ring;
    rtp::SequenceUnwrapper unwrap;
    TimeReference time;
    std::array<RateMeter, max_temporal_layers> rates;
    unsigned temporal_layers = 1;
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    std::int64_t last_packet_us = -1;
    std::int64_t last_key_frame_us = -1;
    std::int64_t key_sequence = -1; // where that begins, and its RTP time
    std::uint32_t key_timestamp = 0;
    bool had_parameters = false; // H.264: an SPS was seen in the stream
    bool key_frame_wanted = false;
    std::int64_t requested_us = INT64_MIN / 2;
  };

  bool active(unsigned encoding, std::int64_t now_us) const;
  bool starts_decoding(const StoredPacket& packet) const;
  // Media time of a packet, by reports where there were any.
  std::int64_t media_us(const StoredPacket& packet) const;
  void note(Encoding& state, const StoredPacket& packet, std::int64_t now_us);
  void send_request(unsigned encoding, std::int64_t now_us);
  void flush(std::int64_t now_us);
  void tick(std::int64_t now_us);

  TrackConfig config_;
  TrackSource& source_;
  Router& router_;
  std::vector<Encoding> states_;
  std::vector<Subscription*> subscriptions_;
  std::vector<TrackTap*> taps_;
  std::array<const StoredPacket*, max_run> run_{};
  std::size_t run_size_ = 0;
  bool queued_ = false; // in the router's list for the end of the turn
  Track* next_queued_ = nullptr;
  std::uint64_t order_ = 0;
  std::uint64_t flushed_order_ = 0; // what came later is in the run
  TrackCounters counters_;
};

} // namespace viadux::router
