#include "core/session/bandwidth.hpp"

#include "core/session/session.hpp"

#include <algorithm>

namespace viadux {
namespace {
constexpr std::size_t wire_overhead = 28; // IPv4 and UDP
constexpr std::int64_t allocate_every_us = 500'000;
constexpr std::int64_t forget_percent = 95; // of what a layer cost remains at each allocation
constexpr std::int64_t probe_check_us = 40'000;
constexpr std::int64_t probe_step_us = 2'000;
// Video on a link that has shown its end leaves at so much of the target; less while the link's queue is
// long.
constexpr std::int64_t pace_percent = 250, pace_drain_percent = 100, pace_least_bps = 100'000;
constexpr std::int64_t pace_unknown_bps = 3'000'000; // where no end of the link has been seen
constexpr std::int64_t bunched_us = 100'000;         // later than a busy machine is
constexpr std::int64_t long_queue_us = 80'000;
constexpr std::int64_t blocked_retry_us = 5'000;
constexpr std::int64_t repeat_fresh_us = 100'000; // and a round trip
constexpr std::int64_t repeat_share = 5, repeat_least_bps = 200'000, repeat_burst_us = 500'000;
constexpr std::int64_t sound_bps =
    56'000;                       // an Opus stream of 32 kbit/s on the wire, reserved even in silence
constexpr int grow_percent = 150; // what a capped publisher might send if it were let
// The highest encoding that is not larger than of use; the smallest there is, if all are. A size that is not
// known yet does not count against it.
unsigned largest_of_use(const router::Track& track, std::uint16_t max_height, std::int64_t now_us) {
  unsigned top = track.encodings() - 1;
  if (max_height == 0) return top;
  const auto fits = [&](unsigned encoding) {
    const router::EncodingState state = track.encoding(encoding, now_us);
    return state.active && std::min(state.width, state.height) <= max_height;
  };
  while (top > 0 && !fits(top))
    --top;
  while (top + 1 < track.encodings() && !track.encoding(top, now_us).active)
    ++top;
  return top;
}

} // namespace

Bandwidth::Bandwidth(Session& session, const SessionPlan& plan, TimerWheel& timers)
    : session_(session), floor_bps_(plan.floor_bps), max_bps_(plan.max_send_bps),
      estimator_({plan.start_bps, 30'000, plan.max_send_bps}),
      probe_timer_(timers, [this] { continue_probe(); }), pace_timer_(timers, [this] { send_waiting(); }) {}

void Bandwidth::set_slots(std::span<const std::unique_ptr<OutgoingSlot>> slots) {
  demands_.clear();
  shares_.clear();
  for (const auto& slot : slots) {
    if (!slot || !slot->is_video()) continue;
    demands_.emplace_back();
    shares_.push_back({slot.get()});
  }
  disturb();
}

void Bandwidth::set_sound(std::size_t voices) {
  sound_bps_ = sound_bps * static_cast<std::int64_t>(voices);
  disturb();
}

std::uint16_t Bandwidth::on_send(std::size_t bytes) {
  return estimator_.on_send(session_.worker().now_us(), bytes + wire_overhead, probe_.id);
}

bool Bandwidth::may_retransmit(std::size_t bytes, std::int64_t since_us) {
  const std::int64_t now_us = session_.worker().now_us();
  if (estimator_.is_congested() && now_us - since_us > estimator_.rtt_us() + repeat_fresh_us) return false;
  const std::int64_t rate_bps = std::max(target_bps() / repeat_share, repeat_least_bps);
  const std::int64_t most_bytes = rate_bps / 8 * repeat_burst_us / 1'000'000;
  repeat_credit_bytes_ =
      std::min(most_bytes, repeat_credit_bytes_ + rate_bps * (now_us - repeat_refilled_us_) / 8'000'000);
  repeat_refilled_us_ = now_us;
  if (repeat_credit_bytes_ < static_cast<std::int64_t>(bytes)) return false;
  repeat_credit_bytes_ -= static_cast<std::int64_t>(bytes);
  return true;
}

bool Bandwidth::may_send() {
  return !(narrow_ || bunched_) || pacer_.may_send(session_.worker().now_us());
}

void Bandwidth::on_run(std::int64_t arrival_us) {
  bunched_ = session_.worker().now_us() - arrival_us > bunched_us || pace_timer_.running();
}

void Bandwidth::on_sent(std::size_t bytes) {
  if (narrow_ || bunched_) pacer_.on_sent(bytes + wire_overhead, session_.worker().now_us());
}

void Bandwidth::expect_waiting() {
  if (!pace_timer_.running()) pace_timer_.start(pacer_.wait_us(session_.worker().now_us()));
}

// The pace: well above the target, so that a frame is not held back for long; but no more than the target
// while the link's queue is long, so that it gets shorter.
void Bandwidth::set_pace(std::int64_t now_us) {
  narrow_ = estimator_.is_bounded();
  const std::int64_t percent = estimator_.queue_us() > long_queue_us ? pace_drain_percent : pace_percent;
  const std::int64_t least_bps = narrow_ ? pace_least_bps : pace_unknown_bps;
  pacer_.set_rate(std::max(target_bps() * percent / 100, least_bps), now_us);
}

// Repeats first: a frame is waiting for them over there. Then the slots' media, each slot being first in
// turn.
void Bandwidth::send_waiting() {
  const std::size_t count = shares_.size();
  bool waits = false;
  for (const Share& share : shares_)
    while (may_send() && share.slot->send_waiting_repeat()) {
    }
  for (std::size_t i = 0; i < count; ++i) {
    OutgoingSlot& slot = *shares_[(turn_ + i) % count].slot;
    while (may_send() && slot.send_waiting()) {
    }
    waits = waits || slot.waits();
  }
  ++turn_;
  if (!waits) return;
  // May it be sent and is there still, then a TCP connection has no room.
  pace_timer_.start(may_send() ? blocked_retry_us : pacer_.wait_us(session_.worker().now_us()));
}

void Bandwidth::on_feedback(std::span<const rtp::PacketResult> results) {
  items_.clear();
  for (const rtp::PacketResult& result : results) {
    if (items_.size() == 8192) break; // as many as the estimator looks at
    // Received, but with no time given: it says that there was no loss, and no more; the estimator needs
    // times.
    if (result.received && !result.arrival_us) continue;
    items_.push_back({static_cast<std::uint16_t>(result.transport_sequence), result.received,
                      result.arrival_us.value_or(0)});
  }
  const std::int64_t before = estimator_.target_bps();
  estimator_.on_feedback(items_, session_.worker().now_us());
  set_pace(session_.worker().now_us());
  const std::int64_t now = estimator_.target_bps();
  if (now < last_allocated_bps_ * 95 / 100 || now > last_allocated_bps_ * 115 / 100 || now < before)
    disturb();
}

void Bandwidth::on_remb(std::int64_t bps) {
  remb_bps_ = bps;
  estimator_.on_receiver_limit(bps);
  disturb();
}

void Bandwidth::on_loss_report(std::uint8_t fraction_lost) {
  // Only where there is nothing better: RFC 3550 reports count a publisher's own loss as the receiver's.
  if (estimator_.has_feedback()) return;
  if (loss_limit_bps_ == 0) loss_limit_bps_ = max_bps_;
  if (fraction_lost > 25) {
    loss_limit_bps_ = std::max<std::int64_t>(loss_limit_bps_ * (512 - fraction_lost) / 512, 100'000);
  } else if (fraction_lost < 5) {
    loss_limit_bps_ = std::min<std::int64_t>(loss_limit_bps_ * 108 / 100, max_bps_);
  }
  disturb();
}

void Bandwidth::on_route_change() {
  estimator_.on_route_change(session_.worker().now_us());
  disturb();
}

std::int64_t Bandwidth::target_bps() const {
  const bool estimates = std::any_of(shares_.begin(), shares_.end(),
                                     [](const Share& share) { return share.slot->transport_cc(); });
  if (estimates) return estimator_.target_bps();
  std::int64_t target = max_bps_;
  if (remb_bps_ > 0) target = std::min(target, remb_bps_);
  if (loss_limit_bps_ > 0) target = std::min(target, loss_limit_bps_);
  return target;
}

void Bandwidth::describe(Share& share, congestion::Demand& demand, std::int64_t now_us) const {
  router::Track* track = share.slot->subscription().track();
  const TrackId id = track != nullptr ? track->id() : 0;
  if (id != share.track) {
    // Somebody else enters the slot: what the other's layers taught does not hold.
    demand = {};
    share.track = id;
    share.lately_bps = {};
  }
  demand.priority = share.slot->priority;
  demand.steps = 0;
  share.single = false;
  if (track == nullptr) return;

  struct Option {
    std::int64_t bps;
    router::LayerTarget target;
    unsigned layer;
  };
  std::array<Option, congestion::max_steps> options;
  std::size_t count = 0;
  share.top_encoding = largest_of_use(*track, share.slot->max_height, now_us);
  for (unsigned encoding = 0; encoding <= share.top_encoding; ++encoding) {
    const router::EncodingState state = track->encoding(encoding, now_us);
    if (!state.active) continue;
    const unsigned layers = std::min(state.temporal_layers, 3U);
    for (unsigned layer = 0; layer < layers && count < options.size(); ++layer) {
      const unsigned top = layer + 1 == layers ? router::max_temporal_layers - 1 : layer;
      options[count++] = {std::max<std::int64_t>(state.bitrate_bps[layer], 1'000), {encoding, top}, layer};
    }
  }
  if (count == 0) return;
  // A step costs what it lately cost: a publisher that stands still for a moment has not become cheap. And
  // never less than the smaller picture.
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t& lately = share.lately_bps[options[i].target.encoding][options[i].layer];
    lately = std::max(options[i].bps, lately * forget_percent / 100);
    options[i].bps = i == 0 ? lately : std::max(lately, options[i - 1].bps);
  }
  // More than the receiver's own limit is of no use to it; the least there is it gets all the same.
  const std::int64_t limit_bps = share.slot->limit_bps();
  while (limit_bps > 0 && count > 1 && options[count - 1].bps > limit_bps) {
    --count;
    share.top_encoding = options[count - 1].target.encoding;
  }
  share.single = track->encodings() == 1;
  const bool bounded = estimator_.is_bounded() || !share.slot->transport_cc();
  if (share.single) {
    // One encoding: the publisher is told to fit, so it costs what it must have, not what it sends right now.
    demand.steps = 1;
    // As long as the link has not shown its end, it costs nothing: nobody is paused on a guess.
    demand.step_bps[0] = bounded ? std::min(options[count - 1].bps, least_bps()) : 0;
    share.targets[0] = options[count - 1].target;
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      demand.step_bps[i] = options[i].bps;
      share.targets[i] = options[i].target;
    }
    demand.steps = static_cast<std::uint8_t>(count);
  }
  demand.highest = static_cast<std::uint8_t>(demand.steps - 1);
}

void Bandwidth::apply(Share& share, const congestion::Demand& demand, std::int64_t spare_bps,
                      std::int64_t now_us) {
  router::Subscription& subscription = share.slot->subscription();
  if (demand.steps == 0) return; // nothing there yet; its first packets decide
  if (demand.step == congestion::paused) {
    if (!subscription.paused()) {
      subscription.pause();
      session_.worker().counting().slots_paused.add();
    }
    subscription.set_share_bps(share.single ? counted_share(spare_bps) : 0);
    return;
  }
  const router::LayerTarget& target = share.targets[static_cast<std::size_t>(demand.step)];
  const auto current = subscription.current();
  if (current && target.encoding < current->encoding && current->encoding <= share.top_encoding) {
    // Down is urgent: what is too large stops now, and the smaller picture begins with its key frame. Waiting
    // for that key frame behind the large picture's queue takes longer than the gap. (What is only of no use
    // any more goes on until then.)
    subscription.pause();
  }
  subscription.set_target(target, now_us);
  if (subscription.paused()) subscription.resume(now_us);
  // An opinion on the publisher's cap has only who has seen the end of its link, or has a limit of its own.
  const bool bounded = estimator_.is_bounded() || !share.slot->transport_cc();
  const std::int64_t limit_bps = share.slot->limit_bps();
  std::int64_t fits_bps = bounded ? demand.step_bps[0] + spare_bps : limit_bps;
  if (limit_bps > 0) fits_bps = std::min(fits_bps, limit_bps);
  subscription.set_share_bps(share.single && fits_bps > 0 ? counted_share(fits_bps) : 0);
}

// What a slot tells of its share. Somewhat under the floor it counts as the floor: the publisher is never
// told less, and a picture at the floor is better than one that comes and goes.
std::uint32_t Bandwidth::counted_share(std::int64_t bps) const {
  if (bps >= least_bps()) bps = std::max(bps, floor_bps_);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(bps, 1, max_bps_));
}

void Bandwidth::allocate(std::int64_t now_us) {
  last_allocated_bps_ = target_bps();
  for (std::size_t i = 0; i < shares_.size(); ++i)
    describe(shares_[i], demands_[i], now_us);
  const std::int64_t budget = std::max<std::int64_t>(last_allocated_bps_ * 95 / 100 - sound_bps_, 0);
  const congestion::Allocation result = congestion::allocate(demands_, budget, now_us);

  // What is left after the steps goes to publishers without layers, in equal parts: as much as they may send.
  std::int64_t singles = 0, wanted = result.wanted_bps + sound_bps_;
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    if (!shares_[i].single || demands_[i].steps == 0) continue;
    ++singles;
    const router::Track* track = shares_[i].slot->subscription().track();
    const router::EncodingState state = track->encoding(0, now_us);
    const std::int64_t measured = state.bitrate_bps[std::max(state.temporal_layers, 1U) - 1];
    wanted += std::max<std::int64_t>(measured * grow_percent / 100 - demands_[i].step_bps[0], 0);
  }
  const std::int64_t spare =
      std::max<std::int64_t>(budget - result.used_bps, 0) / std::max<std::int64_t>(singles, 1);
  for (std::size_t i = 0; i < shares_.size(); ++i)
    apply(shares_[i], demands_[i], spare, now_us);
  used_bps_ = result.used_bps;
  wanted_bps_ = wanted * 100 / 95;
}

void Bandwidth::tick(std::int64_t now_us) {
  if (shares_.empty()) return;
  estimator_.on_tick(now_us);
  set_pace(now_us);
  for (const Share& share : shares_)
    if (share.slot->begin_anew_if_late(now_us)) session_.worker().counting().backlogs_dropped.add();
  if (now_us >= next_allocation_us_) {
    next_allocation_us_ = now_us + allocate_every_us;
    allocate(now_us);
  }
  if (now_us < next_probe_us_ || probe_.id != congestion::no_probe || !estimator_.has_feedback()) return;
  next_probe_us_ = now_us + probe_check_us;
  if (const auto plan = estimator_.next_probe(wanted_bps_, now_us)) {
    probe_ = *plan;
    probe_credit_us_ = now_us;
    continue_probe();
  }
}

void Bandwidth::continue_probe() {
  const std::int64_t now_us = session_.worker().now_us();
  std::int64_t allowance = probe_.bps * (now_us - probe_credit_us_ + probe_step_us) / 8'000'000;
  probe_credit_us_ = now_us + probe_step_us;
  bool sent_any = false;
  while (allowance > 0 && (probe_.packets > 0 || probe_.bytes > 0)) {
    std::size_t sent = 0;
    for (const Share& share : shares_) {
      if (!share.slot->can_probe() || !share.slot->transport_cc()) continue;
      sent = share.slot->send_probe(static_cast<std::size_t>(std::min<std::int64_t>(allowance, 1'200)));
      if (sent > 0) break;
    }
    if (sent == 0) break;
    sent_any = true;
    allowance -= static_cast<std::int64_t>(sent);
    probe_.bytes -= static_cast<std::int64_t>(sent);
    --probe_.packets;
  }
  if ((probe_.packets > 0 || probe_.bytes > 0) && sent_any) {
    probe_timer_.start(probe_step_us);
  } else {
    probe_ = {};
  }
}

void Bandwidth::append_statistics(std::string& json) const {
  json += "\"target_bps\":" + std::to_string(target_bps()) +
          ",\"acked_bps\":" + std::to_string(estimator_.acked_bps().value_or(0)) +
          ",\"wanted_bps\":" + std::to_string(wanted_bps_) + ",\"used_bps\":" + std::to_string(used_bps_) +
          ",\"pace_bps\":" + std::to_string(narrow_ ? pacer_.rate_bps() : 0) +
          ",\"limit\":" + std::to_string(static_cast<int>(estimator_.limit())) +
          ",\"loss\":" + std::to_string(estimator_.loss()) + ",";
}

} // namespace viadux
