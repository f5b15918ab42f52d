// A track filling a slot of a receiving session: chooses encoding and temporal layer, and rewrites SSRC,
// sequence numbers, timestamps and VP8 picture ids so that the receiver sees one unbroken stream whatever
// fills the slot. [worker; the one that owns the track]
//
// Promises to the receiver:
//  - sequence numbers have no gap but where the publisher's packet was lost on the way to us; it fits in when
//  it comes
//    late, unless its encoding or track has been left meanwhile. What we leave out by choice leaves no trace.
//  - encodings and tracks change at key frames only; until the new encoding's key frame comes the old one
//  goes on.
//  - timestamps and picture ids run on over any change; timestamps follow the media clock (RTCP SR) where
//  known.
//  - a packet sent again is the same packet, byte for byte but for the session's own extensions.
#pragma once

#include "core/router/egress.hpp"
#include "core/router/sent_log.hpp"
#include "core/router/sequence_map.hpp"
#include "core/router/track.hpp"
#include "core/router/vp8_map.hpp"
#include "core/rtp/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace viadux::router {

// A payload format that the slot has negotiated.
struct SlotFormat {
  rtp::Codec codec = rtp::Codec::unknown;
  std::uint8_t payload_type = 0;
  std::uint8_t packetization_mode = 0; // H.264: the receiver's
};

struct SlotConfig {
  std::uint32_t ssrc = 0;
  std::vector<SlotFormat> formats;
  std::uint16_t first_sequence = 0;  // random (RFC 3550 section 5.1)
  std::uint32_t first_timestamp = 0; // random
};

// The slot's format for a track, or null: codec and packetization mode must agree. [any thread]
const SlotFormat* format_for(std::span<const SlotFormat> formats, const TrackConfig& track);

// What to send. Encoding and temporal layer are upper ends: what is not there is replaced by the next lower,
// or by the lowest there is.
struct LayerTarget {
  unsigned encoding = max_encodings - 1;
  unsigned temporal = max_temporal_layers - 1;
  bool operator==(const LayerTarget&) const = default;
};

struct SubscriptionCounters {
  std::uint64_t packets = 0; // for the sender report: first sendings
  std::uint64_t octets = 0;  // of payload, likewise
  std::uint64_t retransmitted = 0;
  std::uint64_t nack_unknown = 0; // asked for what was never sent or is long gone
  std::uint64_t nack_limited = 0; // asked for too often or too soon
  std::uint64_t thinned = 0;      // left out by choice of temporal layer
  std::uint64_t incompatible = 0; // H.264 packets of a mode that the receiver cannot take
  std::uint64_t switches = 0;     // of encoding or track, done
};

class Subscription {
 public:
  Subscription(const SlotConfig& config, Egress& egress);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // Whether a track could fill the slot without transcoding: codec and packetization mode agree.
  bool can_take(const Track& track) const;
  // Another track enters the slot, or none (null). Video begins with its last key frame where that and all
  // that came since is here, young and short; else with its next one, which is asked for. Returns false, and
  // leaves the slot empty, if the track cannot fill it.
  bool set_track(Track* track, std::int64_t now_us);
  Track* track() const { return track_; }

  // The allocator's choice. Down in temporal layers happens with the next frame, up at the next layer sync;
  // encodings change at the next key frame of the new one.
  void set_target(LayerTarget target, std::int64_t now_us);
  // Nothing is sent until resume(); then video begins with a key frame. What waits in the egress, and repeats
  // of what was sent before, would only stand in that key frame's way: they are not sent any more.
  void pause();
  void resume(std::int64_t now_us);
  bool paused() const { return paused_; }

  // What the allocator could give this slot: counts for the publisher's cap. 0 is no opinion.
  void set_share_bps(std::uint32_t bps) { share_bps_ = bps; }
  std::uint32_t share_bps() const { return share_bps_; }

  // From the receiver's RTCP. Each sequence number is answered at most 3 times, at least max(RTT, 20 ms)
  // apart.
  void handle_nack(std::span<const std::uint16_t> sequences, std::int64_t now_us, std::int64_t rtt_us);
  void request_key_frame(std::int64_t now_us); // PLI or FIR
  // What was sent so far has reached nobody: begins as set_track() does.
  void restart(std::int64_t now_us);

  // Sends up to `count` of the newest packets again, to fill a bandwidth probe; does not count against NACK
  // limits. Returns how many.
  std::size_t repeat_newest(std::size_t count);

  // For an egress that lets packets wait: packet `sequence` as send() got it. Nothing where the publisher's
  // packet was lost on the way to us, or is too old to be kept.
  std::optional<OutPacket> packet(std::uint16_t sequence) const;

  // For the sender report: the slot's RTP time at `media_us`; nothing before the first packet.
  std::optional<std::uint32_t> timestamp_at(std::int64_t media_us) const;

  // What is being sent: nothing while empty, paused or waiting for the first key frame.
  std::optional<LayerTarget> current() const;
  // The encoding whose key frame is awaited, if another than the current.
  std::optional<unsigned> awaited() const;
  std::uint32_t ssrc() const { return config_.ssrc; }
  const SubscriptionCounters& counters() const { return counters_; }

 private:
  friend class Track;
  static constexpr int none = -1;

  bool is_video() const { return format_ != nullptr && rtp::is_video(format_->codec); }
  void leave_track();
  void take_back();
  void forward(std::span<const StoredPacket* const> run);
  void tick(std::int64_t now_us);
  int wanted(std::int64_t now_us) const;
  void choose(std::int64_t now_us); // the encoding to go for, from the target and what is there

  bool starts_here(const StoredPacket& packet) const;
  void start(const StoredPacket& packet);
  bool start_with_kept(std::int64_t now_us);
  void catch_up(const StoredPacket& started_with);
  std::uint32_t aligned_timestamp(const StoredPacket& packet) const;

  // What becomes of one packet of the current encoding.
  enum class Verdict : std::uint8_t { send, leave_out, fill };
  Verdict judge_ahead(const StoredPacket& packet);
  Verdict judge_late(const StoredPacket& packet);
  bool fits_layer(const StoredPacket& packet);
  void route(const StoredPacket& packet);
  void emit(const StoredPacket& packet, std::int64_t out_sequence);
  void emit_padding(const StoredPacket& instead_of, std::int64_t out_sequence);
  void log(const StoredPacket& packet, const OutPacket& out);
  void push(const OutPacket& packet);
  void send_run();
  const StoredPacket* source_of(const SentPacket& sent) const;
  OutPacket again(const SentPacket& sent, const StoredPacket* source) const;

  SlotConfig config_;
  Egress& egress_;
  Track* track_ = nullptr;
  const SlotFormat* format_ = nullptr;
  bool paused_ = false;
  std::uint32_t share_bps_ = 0;

  LayerTarget target_;
  int current_ = none; // encoding being sent
  int awaited_ = none; // encoding whose key frame is awaited
  unsigned temporal_ = 0;
  // The frame being decided on, for streams without picture ids.
  std::uint32_t frame_timestamp_ = 0;
  bool frame_known_ = false;
  bool frame_dropped_ = false;

  SequenceMap sequences_;
  Vp8Map pictures_;
  SentLog sent_;
  std::uint32_t clock_hz_ = 90'000;
  std::uint32_t timestamp_offset_ = 0; // out minus in, of the current encoding
  bool sent_any_ = false;
  bool mark_next_ = false; // audio: the first packet of a new speaker begins a talk spurt
  // The packet sent with the highest timestamp: what the next encoding or track is aligned to.
  std::uint32_t last_timestamp_; // out
  std::uint32_t last_source_timestamp_ = 0;
  int last_source_encoding_ = none; // none after a change of track
  std::int64_t last_arrival_us_ = 0;
  std::uint16_t newest_sequence_ = 0; // out

  std::size_t run_size_ = 0;
  SubscriptionCounters counters_;
};

} // namespace viadux::router
