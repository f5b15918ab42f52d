// What a session may send, and to which slot: the estimator, the allocator, and the probes. [worker]
#pragma once

#include "core/congestion/allocator.hpp"
#include "core/congestion/estimator.hpp"
#include "core/congestion/pacer.hpp"
#include "core/net/timer_wheel.hpp"
#include "core/rtp/transport_feedback.hpp"
#include "core/session/outgoing.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace viadux {

class Bandwidth {
 public:
  Bandwidth(Session& session, const SessionPlan& plan, TimerWheel& timers);

  // A packet of `bytes` (SRTP included) leaves: its transport-wide sequence number.
  std::uint16_t on_send(std::size_t bytes);
  // Whether `bytes` may go out again now: repeats are at most a fifth of the target, or a bad line gets worse
  // by them.
  // While the link is overused, only what came `since_us` a moment ago: the rest comes too late to help.
  bool may_retransmit(std::size_t bytes, std::int64_t since_us);

  // Where the link has shown its end, video goes out at the pacer's speed: what finds may_send() false waits
  // in its slot, and the slot says so. What we bunch ourselves (it came a while ago) is paced on any link.
  void on_run(std::int64_t arrival_us);
  bool may_send();
  void on_sent(std::size_t bytes);
  void expect_waiting();
  void on_feedback(std::span<const rtp::PacketResult> results);
  void on_remb(std::int64_t bps);
  void on_loss_report(std::uint8_t fraction_lost); // of peers that give no transport-cc
  void on_route_change();

  void tick(std::int64_t now_us);
  // The video slots of the session; again whenever that list has changed.
  void set_slots(std::span<const std::unique_ptr<OutgoingSlot>> slots);
  // A slot's track or rights have changed: share anew at the next tick.
  void disturb() { next_allocation_us_ = 0; }
  void set_sound(std::size_t voices); // audio slots that are filled

  std::int64_t target_bps() const;
  std::int64_t rtt_us() const { return estimator_.rtt_us(); }
  void append_statistics(std::string& json) const;

 private:
  // What the steps of a demand mean.
  struct Share {
    OutgoingSlot* slot = nullptr;
    std::array<router::LayerTarget, congestion::max_steps> targets{};
    unsigned top_encoding = 0; // larger ones are of no use to the slot
    std::array<std::array<std::int64_t, 3>, router::max_encodings> lately_bps{}; // by encoding and layer
    bool single = false; // a publisher without layers: it is capped, not chosen from
    TrackId track = 0;
  };
  void allocate(std::int64_t now_us);
  void describe(Share& share, congestion::Demand& demand, std::int64_t now_us) const;
  void apply(Share& share, const congestion::Demand& demand, std::int64_t spare_bps, std::int64_t now_us);
  // Under this a picture is paused: well below the floor that a publisher may be held to.
  std::int64_t least_bps() const { return floor_bps_ * 60 / 100; }
  std::uint32_t counted_share(std::int64_t bps) const;
  void continue_probe();
  void send_waiting();
  void set_pace(std::int64_t now_us);

  Session& session_;
  const std::int64_t floor_bps_, max_bps_;
  congestion::BandwidthEstimator estimator_;
  std::vector<congestion::Demand> demands_; // one for each video slot, as shares_
  std::vector<Share> shares_;
  std::int64_t sound_bps_ = 0;
  std::vector<congestion::FeedbackItem> items_;
  std::int64_t remb_bps_ = 0, loss_limit_bps_ = 0;
  std::int64_t wanted_bps_ = 0, used_bps_ = 0;
  std::int64_t next_allocation_us_ = 0, last_allocated_bps_ = 0, next_probe_us_ = 0;
  std::int64_t repeat_credit_bytes_ = 0, repeat_refilled_us_ = 0;
  congestion::ProbePlan probe_;
  std::int64_t probe_credit_us_ = 0;
  Timer probe_timer_;
  congestion::Pacer pacer_;
  bool narrow_ = false, bunched_ = false;
  std::size_t turn_ = 0; // whose waiting packets are first
  Timer pace_timer_;
};

} // namespace viadux
