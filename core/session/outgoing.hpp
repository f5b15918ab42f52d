// A slot of a session: what we send on one line. [worker]
#pragma once

#include "core/router/egress.hpp"
#include "core/router/subscription.hpp"
#include "core/rtp/extensions.hpp"
#include "core/session/media_worker.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viadux {

class Session;
class Bandwidth;

// What we may send on a line, as the router has to know it. [any thread]
std::vector<router::SlotFormat> slot_formats(const sdp::NegotiatedLine& line);

// Why a slot that should show something does not.
enum class EmptySlot : std::uint8_t { no = 0, not_allowed = 1, track_gone = 2, codecs_differ = 3 };
std::string_view to_string(EmptySlot reason); // "not_allowed", ...; "" for no

// Packets that are to be sent again, in the order they were asked for; what does not fit is asked for again.
class WaitingRepeats {
 public:
  bool push(std::uint16_t sequence) {
    if (size_ == ring_.size()) return false;
    ring_[(first_ + size_++) % ring_.size()] = sequence;
    return true;
  }
  std::optional<std::uint16_t> pop() {
    if (size_ == 0) return std::nullopt;
    const std::uint16_t sequence = ring_[first_ % ring_.size()];
    first_ = (first_ + 1) % ring_.size();
    --size_;
    return sequence;
  }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

 private:
  std::array<std::uint16_t, 64> ring_{};
  std::size_t first_ = 0, size_ = 0;
};

class OutgoingSlot final : public router::Egress {
 public:
  OutgoingSlot(Session& session, Bandwidth& bandwidth, std::uint32_t line);

  void send(std::span<const router::OutPacket> run) override;
  void retransmit(std::span<const router::OutPacket> run) override;
  std::optional<std::uint16_t> withdraw() override;
  // What waits for the session's pacer: one packet of it leaves, repeats (one by one as they were asked for)
  // before media. False when nothing waits.
  bool send_waiting_repeat();
  bool send_waiting();
  // What waits for too long is of no use to anybody any more: it is dropped, and the picture begins anew with
  // its next key frame. Whether that was done.
  bool begin_anew_if_late(std::int64_t now_us);
  bool waits() const { return waiting_ != 0 || repeats_.size() != 0; }
  std::uint16_t waiting() const { return waiting_; }

  // Sends some `bytes` for a running probe: newest media again, else padding. Returns what went out.
  std::size_t send_probe(std::size_t bytes);

  router::Subscription& subscription() { return subscription_; }
  const router::Subscription& subscription() const { return subscription_; }
  std::uint32_t line() const { return line_; }
  bool is_video() const { return video_; }
  bool is_slides() const { return slides_; }
  bool can_probe() const { return rtx_.ssrc != 0; }
  std::uint32_t ssrc() const { return subscription_.ssrc(); }
  std::uint32_t rtx_ssrc() const { return rtx_.ssrc; }
  std::uint32_t transport() const { return transport_; }
  // What a later offer may have changed.
  void set_line(const sdp::NegotiatedLine& line);
  // The most that the peer's description (b=, RFC 8866 section 5.8) wants on this line; 0 is no limit.
  std::int64_t limit_bps() const { return limit_bps_; }
  bool transport_cc() const { return transport_cc_; }

  // What the director wants here; applied as far as rights allow.
  TrackAddress wanted;
  EmptySlot empty = EmptySlot::no;
  TrackAddress held; // what the subscription has acquired from the worker
  std::uint8_t priority = 0;
  std::uint16_t max_height = 0; // of SlotFill
  std::uint64_t tmmbr_bps = 0;  // the receiver's limit for this stream alone; 0 is none

 private:
  bool must_wait(std::uint16_t sequence);
  void send_now(const router::OutPacket& packet, const router::EgressExtensions& added);
  void repeat_now(const router::OutPacket& packet, const router::EgressExtensions& added);
  bool put(const router::Written& written, std::span<std::uint8_t> room);
  router::EgressExtensions extensions() const;

  Session& session_;
  Bandwidth& bandwidth_;
  std::uint32_t line_, transport_ = 0;
  bool video_ = false, slides_ = false, transport_cc_ = false;
  std::string mid_;
  rtp::ExtensionMap extension_map_;
  router::RtxStream rtx_;
  std::uint8_t probe_padding_ = 255;
  std::uint8_t dscp_ = 0;
  std::int64_t limit_bps_ = 0;
  std::size_t sent_bytes_ = 0;
  // Of the stream's own numbers, these are made but have not left: the subscription makes the packets again,
  // so that nothing is kept here.
  std::uint16_t first_waiting_ = 0, waiting_ = 0;
  std::uint16_t newest_left_ = 0; // of what has been sent for the first time
  bool left_any_ = false;
  WaitingRepeats repeats_;
  bool probing_ = false; // what is repeated now fills a probe, which has its own budget
  router::Subscription subscription_;
};

} // namespace viadux
