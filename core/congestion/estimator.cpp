#include "core/congestion/estimator.hpp"

#include <algorithm>
#include <array>

namespace viadux::congestion {
namespace {
constexpr std::size_t max_items = 8192;
constexpr std::int64_t min_rtt_window_us = 10'000'000;
constexpr std::int64_t silence_us = 3'000'000; // packets go out, no feedback comes back
constexpr std::int64_t back_off_every_us = 1'000'000;
constexpr std::int64_t long_queue_us = 30'000;
} // namespace

std::uint16_t BandwidthEstimator::on_send(std::int64_t now_us, std::size_t wire_bytes, std::uint8_t probe) {
  if (first_send_us_ == 0) first_send_us_ = now_us;
  last_send_us_ = now_us;
  const std::uint16_t seq = next_seq_++;
  history_.add(seq, now_us, static_cast<std::uint16_t>(std::min<std::size_t>(wire_bytes, 65535)), probe);
  return seq;
}

void BandwidthEstimator::on_feedback(std::span<const FeedbackItem> items, std::int64_t now_us) {
  using State = SentHistory::Sent::State;
  int received = 0, lost = 0;
  std::int64_t newest_send_us = 0;
  std::array<PacketResult, 512> received_ones;
  std::size_t count = 0;
  for (const FeedbackItem& item : items.first(std::min(items.size(), max_items))) {
    SentHistory::Sent* sent = history_.find(item.seq);
    if (sent == nullptr || sent->state == State::received) continue;
    if (!item.received) {
      // Provisional: it may only be late, and a later report will say so.
      if (sent->state == State::in_flight) ++lost;
      sent->state = State::lost;
      continue;
    }
    if (sent->state == State::lost) loss_.on_recovered(1);
    sent->state = State::received;
    ++received;
    newest_send_us = std::max(newest_send_us, sent->send_us);
    if (count < received_ones.size())
      received_ones[count++] = {sent->send_us, item.arrival_us, sent->size, sent->probe, true};
  }
  if (received + lost == 0) return;
  last_feedback_us_ = now_us;
  loss_.on_report(received, lost, now_us);
  if (newest_send_us != 0) {
    rtt_us_ = std::max<std::int64_t>(now_us - newest_send_us, 1);
    if (min_rtt_us_ == 0 || rtt_us_ < min_rtt_us_ || now_us - min_rtt_set_us_ > min_rtt_window_us) {
      min_rtt_us_ = rtt_us_;
      min_rtt_set_us_ = now_us;
    }
  }
  const std::span batch = std::span(received_ones).first(count);
  std::stable_sort(batch.begin(), batch.end(),
                   [](const PacketResult& a, const PacketResult& b) { return a.arrival_us < b.arrival_us; });
  bool overused = false;
  for (const PacketResult& packet : batch) {
    trend_.on_packet(packet, now_us);
    acked_.on_packet(packet);
    prober_.on_packet(packet);
    overused = overused || trend_.usage() == Usage::overuse;
  }
  update_target(overused ? Usage::overuse : trend_.usage(), now_us);
}

void BandwidthEstimator::update_target(Usage usage, std::int64_t now_us) {
  const std::int64_t before = target_bps_;
  const auto acked = acked_.bps();
  const bool capped = receiver_limit_bps_ > 0 && rate_.target_bps() >= receiver_limit_bps_;
  // What the link takes: what arrives, unless so little is sent that the link is busy only at times.
  const auto taken = acked ? std::optional(std::max(*acked, acked_.peak_bps())) : std::nullopt;
  rate_.update(usage, {acked, taken}, rtt_us_, loss_.may_grow(now_us) && !capped, now_us);
  if (const auto proven = prober_.result(now_us); proven && usage != Usage::overuse) {
    if (prober_.saturated()) bounded_ = true;
    // A probe below what arrives anyway lowers a little at most.
    const std::int64_t least = acked ? *acked * 85 / 100 : 0;
    if (*proven > rate_.target_bps() || (acked && *proven < *acked))
      rate_.set_target(std::max(*proven, least));
  }
  rate_.clamp(options_.min_bps, options_.max_bps);
  std::int64_t target = rate_.target_bps();
  limit_ = usage == Usage::overuse                      ? Limit::delay
           : limit_ == Limit::start && target == before ? Limit::start
                                                        : Limit::none;

  const bool queue_long =
      min_rtt_us_ > 0 && rtt_us_ - min_rtt_us_ > long_queue_us && trend_.usage() != Usage::underuse;
  // A line that loses a third is full all the time: its bursts say nothing more than the mean does.
  const auto arriving = loss_.recent_loss() > LossLimit::no_radio ? acked : taken;
  if (const auto ceiling = loss_.limit(target, arriving, queue_long, rtt_us_, now_us);
      ceiling && *ceiling < target) {
    target = *ceiling;
    rate_.set_target(target);
    limit_ = Limit::loss;
  }
  if (receiver_limit_bps_ > 0 && target > receiver_limit_bps_) {
    target = receiver_limit_bps_;
    limit_ = Limit::receiver;
  }
  if (target >= options_.max_bps) limit_ = Limit::maximum;
  target_bps_ = std::clamp(target, options_.min_bps, options_.max_bps);
  if (limit_ == Limit::delay || limit_ == Limit::loss) bounded_ = true;
  if (target_bps_ < before * 2 / 3 && limit_ == Limit::delay) prober_.on_drop(before, now_us);
}

void BandwidthEstimator::on_tick(std::int64_t now_us) {
  // The way back is silent: what we believe may be wrong, and more of the same may be the reason.
  if (last_feedback_us_ == 0 || last_send_us_ <= last_feedback_us_) return;
  if (last_send_us_ - last_feedback_us_ < silence_us || now_us - last_backoff_us_ < back_off_every_us) return;
  last_backoff_us_ = now_us;
  rate_.set_target(std::max(options_.min_bps, target_bps_ * 8 / 10));
  target_bps_ = rate_.target_bps();
  limit_ = Limit::no_feedback;
  bounded_ = true;
}

void BandwidthEstimator::on_route_change(std::int64_t) {
  trend_.reset();
  acked_.reset();
  prober_.restart();
  const std::int64_t restart = std::min(target_bps_, options_.start_bps);
  rate_ = RateControl(restart);
  loss_ = LossLimit();
  target_bps_ = restart;
  min_rtt_us_ = 0;
  bounded_ = false;
  limit_ = Limit::start;
}

std::optional<ProbePlan> BandwidthEstimator::next_probe(std::int64_t wanted_bps, std::int64_t now_us) {
  if (receiver_limit_bps_ > 0) wanted_bps = std::min(wanted_bps, receiver_limit_bps_);
  wanted_bps = std::min(wanted_bps, options_.max_bps);
  // A burst whose feedback never came must not block the next one.
  if (auto proven = prober_.result(now_us);
      proven && *proven > rate_.target_bps() && trend_.usage() == Usage::normal) {
    rate_.set_target(*proven);
    rate_.clamp(options_.min_bps, options_.max_bps);
    target_bps_ =
        receiver_limit_bps_ > 0 ? std::min(rate_.target_bps(), receiver_limit_bps_) : rate_.target_bps();
  }
  const bool steady =
      trend_.usage() != Usage::overuse && loss_.may_grow(now_us) && limit_ != Limit::no_feedback;
  return prober_.next(target_bps_, wanted_bps, steady, now_us);
}

} // namespace viadux::congestion
