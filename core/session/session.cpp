#include "core/session/session.hpp"

#include <algorithm>

namespace viadux {
namespace {
constexpr std::int64_t report_every_us = 1'000'000;
constexpr std::int64_t nack_every_us = 20'000;
constexpr std::int64_t listen_every_us = 1'000'000;
} // namespace

Session::Session(MediaWorker& worker, std::shared_ptr<const SessionPlan> plan)
    : worker_(worker), plan_(std::move(plan)), rights_(plan_->rights), incoming_(*this),
      bandwidth_(*this, *plan_, worker.worker().timers()), heard_us_(worker.now_us()) {
  for (std::uint32_t i = 0; i < plan_->transports.size(); ++i)
    ports_.push_back(make_port(i));
  counted_.resize(ports_.size());
  incoming_.apply_plan();
  build_slots();
}

Session::~Session() {
  close();
}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  count_transport();
  for (auto& slot : slots_) {
    if (!slot) continue;
    slot->subscription().set_track(nullptr, worker_.now_us());
    worker_.release(slot->held);
    slot->held = {};
  }
  for (const auto& port : ports_) {
    if (connected_) {
      // RFC 3550 section 6.6: whoever listens learns at once that nothing more comes.
      std::array<std::uint32_t, 31> ours;
      std::size_t count = 0;
      for (const auto& slot : slots_)
        if (slot && slot->transport() == port->index && count < ours.size()) ours[count++] = slot->ssrc();
      std::array<std::uint8_t, 256> buffer;
      rtp::RtcpWriter rtcp(buffer);
      if (count > 0 && rtcp.receiver_report(plan_->rtcp_ssrc) && rtcp.bye(std::span(ours).first(count)))
        port->transport->send_rtcp(rtcp.packet());
    }
    port->transport->close();
  }
}

void Session::update(std::shared_ptr<const SessionPlan> plan, bool ice_restart) {
  plan_ = std::move(plan);
  rights_ = plan_->rights;
  update_ports(ice_restart);
  incoming_.apply_plan();
  build_slots();
  if (ice_restart) bandwidth_.on_route_change();
}

std::unique_ptr<Session::Port> Session::make_port(std::uint32_t index) {
  const TransportConfig& config = plan_->transports[index];
  auto port = std::make_unique<Port>(*this, index);
  if (config.latch) port->rtp_port = config.latch->port.port;
  port->transport = std::make_unique<Transport>(worker_.worker(), worker_.directory(), config, *port);
  return port;
}

// Transports keep to their ports, wherever in the new plan they stand: lines without ICE come and go.
void Session::update_ports(bool ice_restart) {
  count_transport();
  std::vector<std::unique_ptr<Port>> before;
  before.swap(ports_);
  for (std::uint32_t i = 0; i < plan_->transports.size(); ++i) {
    const TransportConfig& config = plan_->transports[i];
    const std::uint16_t wanted = config.latch ? config.latch->port.port : 0;
    const auto same = std::find_if(before.begin(), before.end(),
                                   [wanted](const auto& port) { return port && port->rtp_port == wanted; });
    if (same == before.end()) {
      ports_.push_back(make_port(i));
      continue;
    }
    Port& port = *ports_.emplace_back(std::move(*same));
    port.index = i;
    if (ice_restart && config.ice) port.transport->restart_ice(config.ice->local, config.ice->remote);
    if (config.keys) port.transport->set_keys(*config.keys);
    if (config.latch) port.transport->set_remote(config.latch->rtp, config.latch->rtcp);
  }
  // An offer that closes every line may be followed by one that opens them: ICE and DTLS wait for it.
  for (auto& port : before)
    if (port && port->rtp_port == 0 && ports_.empty()) ports_.push_back(std::move(port));
  counted_.clear();
  for (const auto& port : ports_)
    counted_.push_back(port->transport->stats());
}

void Session::build_slots() {
  slots_.resize(plan_->negotiated.lines.size());
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    const sdp::NegotiatedLine& line = plan_->negotiated.lines[i];
    const bool sends = !line.rejected && !line.codecs.empty() && line.local && sdp::sends(line.direction) &&
                       (line.kind == sdp::Kind::audio || line.kind == sdp::Kind::video);
    if (sends && !slots_[i]) {
      slots_[i] = std::make_unique<OutgoingSlot>(*this, bandwidth_, i);
    } else if (!sends && slots_[i]) {
      slots_[i]->subscription().set_track(nullptr, worker_.now_us());
      worker_.release(slots_[i]->held);
      slots_[i].reset();
    } else if (sends) {
      slots_[i]->set_line(line);
    }
  }
  bandwidth_.set_slots(slots_);
}

void Session::set_rights(const MediaRights& rights) {
  rights_ = rights;
  for (const auto& slot : slots_)
    if (slot) apply_fill(*slot);
}

void Session::fill_slot(std::uint32_t index, const TrackAddress& track, const SlotFill& fill) {
  if (index >= slots_.size() || !slots_[index]) return;
  OutgoingSlot& slot = *slots_[index];
  slot.wanted = track;
  slot.priority = fill.priority;
  slot.max_height = fill.max_height;
  apply_fill(slot);
}

void Session::apply_fill(OutgoingSlot& slot) {
  const bool allowed = !slot.is_video()   ? rights_.receive_audio
                       : slot.is_slides() ? rights_.receive_presentation
                                          : rights_.receive_video;
  const TrackAddress target = allowed || slot.wanted.to_all ? slot.wanted : TrackAddress{};
  slot.empty = target.track == slot.wanted.track ? EmptySlot::no : EmptySlot::not_allowed;
  if (target.track == slot.held.track) {
    bandwidth_.disturb();
    return;
  }
  router::Track* track = target.track != 0 ? worker_.acquire(target) : nullptr;
  const bool taken = slot.subscription().set_track(track, worker_.now_us());
  worker_.release(slot.held);
  slot.held = track != nullptr ? target : TrackAddress{};
  if (track == nullptr && target.track != 0) slot.empty = EmptySlot::track_gone;
  if (track != nullptr && !taken) {
    worker_.release(slot.held);
    slot.held = {};
    slot.empty = EmptySlot::codecs_differ;
    worker_.counting().slots_incompatible.add();
  }
  const auto voices = std::count_if(slots_.begin(), slots_.end(), [](const auto& each) {
    return each && !each->is_video() && each->held.track != 0;
  });
  bandwidth_.set_sound(static_cast<std::size_t>(voices));
}

void Session::port_connected() {
  const bool all = std::all_of(ports_.begin(), ports_.end(), [](const auto& port) {
    return port->transport && port->transport->is_connected();
  });
  if (connected_ || !all) return;
  connected_ = true;
  worker_.session_connected(plan_->session);
  // What came into the slots before the keys did was sent to nobody.
  for (const auto& slot : slots_)
    if (slot && slot->is_video()) slot->subscription().restart(worker_.now_us());
}

void Session::port_closed(CloseReason reason) {
  if (closed_) return;
  if (reason == CloseReason::dtls_failed) worker_.counting().dtls_failures.add();
  worker_.session_ended(plan_->session, std::string(to_string(reason)));
}

std::int64_t Session::rtt_us() const {
  return report_rtt_us_ > 0 ? report_rtt_us_ : std::min<std::int64_t>(bandwidth_.rtt_us(), 200'000);
}

bool Session::has_fallen_silent(std::int64_t now_us) {
  if (plan_->rtp_timeout_us == 0 || now_us < next_listen_us_) return false;
  next_listen_us_ = now_us + listen_every_us;
  const sdp::Negotiated& agreed = plan_->negotiated;
  // On hold nobody owes us anything; afterwards the time begins anew.
  const bool awaited = std::any_of(agreed.lines.begin(), agreed.lines.end(), [&](const auto& line) {
    return !line.rejected && !line.codecs.empty() && sdp::receives(line.direction) &&
           !agreed.transports[line.transport].ice;
  });
  std::uint64_t packets = 0;
  for (const auto& port : ports_) {
    const TransportStats stats = port->transport->stats();
    packets += stats.rtp_packets_in + stats.rtcp_packets_in;
  }
  if (!awaited || packets != heard_packets_) {
    heard_packets_ = packets;
    heard_us_ = now_us;
  }
  return now_us - heard_us_ >= plan_->rtp_timeout_us;
}

void Session::tick() {
  if (closed_) return;
  const std::int64_t now_us = worker_.now_us();
  if (has_fallen_silent(now_us)) return worker_.session_ended(plan_->session, "rtp_timeout");
  if (!connected_) return;
  if (now_us >= next_nack_us_) {
    next_nack_us_ = now_us + nack_every_us;
    incoming_.send_nacks(now_us);
  }
  incoming_.send_feedback(now_us);
  incoming_.send_cap(now_us);
  incoming_.watch_activity(now_us);
  bandwidth_.tick(now_us);
  if (now_us >= next_report_us_) {
    next_report_us_ = now_us + report_every_us;
    send_reports();
    count_transport();
  }
}

void Session::send_urgent() {
  if (!closed_ && connected_) incoming_.send_key_frame_requests();
}

void Session::collect_levels(std::vector<AudioLevel>& levels) {
  if (connected_ && rights_.send_audio) incoming_.collect_levels(levels, worker_.now_us());
}

void Session::count_transport() {
  MediaCounters& counters = worker_.counting();
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const TransportStats now = ports_[i]->transport->stats();
    const TransportStats& before = counted_[i];
    counters.rtp_packets_in.add(now.rtp_packets_in - before.rtp_packets_in);
    counters.rtp_bytes_in.add(now.rtp_bytes_in - before.rtp_bytes_in);
    counters.srtp_auth_failures.add(now.auth_failures - before.auth_failures);
    counters.srtp_replays.add(now.replays - before.replays);
    counters.transport_malformed.add(now.malformed - before.malformed);
    counters.early_drops.add(now.early_drops - before.early_drops);
    counters.ssrc_limit_drops.add(now.ssrc_limit_drops - before.ssrc_limit_drops);
    counters.ice_refused.add(now.ice_refused - before.ice_refused);
    counted_[i] = now;
  }
}

std::string Session::statistics() const {
  std::string json = "{\"session\":" + std::to_string(plan_->session) +
                     ",\"worker\":" + std::to_string(worker_.worker().index()) +
                     ",\"connected\":" + (connected_ ? "true" : "false") +
                     ",\"rtt_us\":" + std::to_string(rtt_us()) + ",";
  bandwidth_.append_statistics(json);
  incoming_.append_statistics(json, worker_.now_us());
  json += "\"slots\":[";
  bool first = true;
  for (const auto& slot : slots_) {
    if (!slot) continue;
    const router::Subscription& subscription = slot->subscription();
    const auto current = subscription.current();
    json += first ? "{" : ",{";
    first = false;
    json += "\"slot\":" + std::to_string(slot->line()) + ",\"track\":" + std::to_string(slot->held.track) +
            ",\"empty\":" +
            (slot->empty == EmptySlot::no ? "null" : '"' + std::string(to_string(slot->empty)) + '"') +
            ",\"paused\":" + (subscription.paused() ? "true" : "false") +
            ",\"encoding\":" + (current ? std::to_string(current->encoding) : "null") +
            ",\"temporal\":" + (current ? std::to_string(current->temporal) : "null") +
            ",\"share_bps\":" + std::to_string(subscription.share_bps()) +
            ",\"waiting\":" + std::to_string(slot->waiting()) +
            ",\"packets\":" + std::to_string(subscription.counters().packets) +
            ",\"retransmitted\":" + std::to_string(subscription.counters().retransmitted) +
            ",\"switches\":" + std::to_string(subscription.counters().switches) + "}";
  }
  return json + "]}";
}

} // namespace viadux
