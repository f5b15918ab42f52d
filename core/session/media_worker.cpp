#include "core/session/media_worker.hpp"

#include "core/control/loop.hpp"
#include "core/session/session.hpp"
#include "core/session/track_port.hpp"

namespace viadux {
namespace {
constexpr std::int64_t tick_us = 20'000;
constexpr std::uint32_t router_ticks = 2;   // every 40 ms: key-frame requests again, replicas' wishes
constexpr std::uint32_t level_ticks = 10;   // every 200 ms
constexpr std::size_t drain_at_once = 1024; // packets of one other worker in one turn
} // namespace

MediaWorker::MediaWorker(std::unique_ptr<Worker> worker, ControlLoop& loop, MediaWorkerEvents events,
                         std::int64_t floor_bps)
    : worker_(std::move(worker)), loop_(loop),
      events_(std::make_shared<const MediaWorkerEvents>(std::move(events))), floor_bps_(floor_bps),
      directory_(std::make_unique<IceDirectory>(*worker_)) {
  worker_->add_turn_hook(*this);
  tick_timer_ = std::make_unique<Timer>(worker_->timers(), [this] { tick(); });
  tick_timer_->start(tick_us);
}

MediaWorker::~MediaWorker() {
  stop();
  drop_all(); // where there was no thread to do it
  tick_timer_.reset();
  worker_->remove_turn_hook(*this);
}

void MediaWorker::connect(std::vector<MediaWorker*> all) {
  links_.resize(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == this) continue;
    links_[i].other = all[i];
    links_[i].out = std::make_unique<router::WorkerLink>();
  }
}

void MediaWorker::start() {
  worker_->start();
}

void MediaWorker::stop() {
  // What stop() finds in the queue still runs: the sessions end on their own thread.
  worker_->post([this] { drop_all(); });
  worker_->stop();
}

void MediaWorker::drop_all() {
  for (auto& [id, session] : sessions_)
    session->close();
  sessions_.clear();
  urgent_.clear();
  ended_.clear();
  ports_.clear();
  replicas_.clear();
  for (Link& link : links_)
    link.fan_outs.clear();
}

void MediaWorker::drop(SessionId session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  std::erase(urgent_, found->second.get());
  found->second->close();
  sessions_.erase(found);
}

bool MediaWorker::add_session(std::shared_ptr<const SessionPlan> plan) {
  return worker_->post([this, plan = std::move(plan)] {
    const SessionId id = plan->session;
    sessions_.emplace(id, std::make_unique<Session>(*this, plan));
  });
}

bool MediaWorker::update_session(std::shared_ptr<const SessionPlan> plan, bool ice_restart) {
  return worker_->post([this, plan = std::move(plan), ice_restart] {
    if (const auto found = sessions_.find(plan->session); found != sessions_.end())
      found->second->update(plan, ice_restart);
  });
}

bool MediaWorker::close_session(SessionId session) {
  return worker_->post([this, session] { drop(session); });
}

bool MediaWorker::set_rights(SessionId session, const MediaRights& rights) {
  return worker_->post([this, session, rights] {
    if (const auto found = sessions_.find(session); found != sessions_.end())
      found->second->set_rights(rights);
  });
}

bool MediaWorker::fill_slot(SessionId session, std::uint32_t slot, const TrackAddress& track,
                            const SlotFill& fill) {
  return worker_->post([this, session, slot, track, fill] {
    if (const auto found = sessions_.find(session); found != sessions_.end())
      found->second->fill_slot(slot, track, fill);
  });
}

bool MediaWorker::track_gone(TrackId track) {
  return worker_->post([this, track] {
    end_taps(track);
    replicas_.erase(track);
  });
}

bool MediaWorker::statistics(SessionId session, std::function<void(Result<std::string>)> done) {
  return worker_->post([this, session, done = std::move(done)] {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) {
      loop_.post([done] { done(make_error(ErrorCode::gone, "gone", "there is no such session any more")); });
    } else {
      loop_.post([done, json = found->second->statistics()] { done(json); });
    }
  });
}

void MediaWorker::open_rtp_ports(PortRange range, IpAddress address, std::size_t count,
                                 std::function<void(std::vector<RtpPort>)> done) {
  worker_->post([this, range, address, count, done = std::move(done)] {
    std::vector<RtpPort> ports;
    for (std::size_t i = 0; i < count; ++i) {
      auto port = worker_->open_rtp_port(range, address, *directory_);
      if (!port) break;
      ports.push_back(*port);
    }
    loop_.post([done, ports] { done(ports); });
  });
}

void MediaWorker::add_track(TrackId id, router::Track& track) {
  tracks_[id] = &track;
}

void MediaWorker::remove_track(TrackId id) {
  tracks_.erase(id);
  end_taps(id);
  for (Link& link : links_)
    link.fan_outs.erase(id);
}

void MediaWorker::urgent(Session& session) {
  for (const Session* known : urgent_)
    if (known == &session) return;
  urgent_.push_back(&session);
}

void MediaWorker::session_connected(SessionId session) {
  counters_.sessions_connected.add();
  loop_.post([events = events_, session] { events->connected(session); });
}

void MediaWorker::session_ended(SessionId session, std::string reason) {
  loop_.post([events = events_, session, reason = std::move(reason)] { events->ended(session, reason); });
  ended_.push_back(session); // not from inside its own callback
  worker_->wake();
}

void MediaWorker::track_active(TrackId track, bool active) {
  loop_.post([events = events_, track, active] { events->track_active(track, active); });
}

router::WorkerLink& MediaWorker::link_from(std::uint32_t origin) {
  return *links_[origin].other->links_[worker_->index()].out;
}

router::Track* MediaWorker::acquire(const TrackAddress& address) {
  if (address.worker == worker_->index()) {
    const auto found = tracks_.find(address.track);
    return found == tracks_.end() ? nullptr : found->second;
  }
  if (address.worker >= TrackPort::first_number) return acquire_from_port(address);
  if (address.worker >= links_.size()) return nullptr;
  ReplicaEntry& entry = replicas_[address.track];
  if (!entry.replica) {
    entry.origin = address.worker;
    entry.replica =
        std::make_unique<router::Replica>(address.config, router_, link_from(address.worker).feedback);
    MediaWorker* origin = links_[address.worker].other;
    origin->worker_->post(
        [origin, track = address.track, to = worker_->index()] { origin->start_fan_out(track, to); });
  }
  ++entry.uses;
  return &entry.replica->track();
}

void MediaWorker::release(const TrackAddress& address) {
  if (address.track == 0 || address.worker == worker_->index()) return;
  const auto found = replicas_.find(address.track);
  if (found == replicas_.end() || --found->second.uses > 0) return;
  const std::uint32_t from = found->second.origin;
  replicas_.erase(found);
  if (from >= TrackPort::first_number) {
    if (const auto port = ports_.find(from); port != ports_.end())
      port->second.wishes.add({.kind = router::TrackFeedback::Kind::unwanted, .track = address.track});
    return;
  }
  MediaWorker* origin = links_[from].other;
  origin->worker_->post(
      [origin, track = address.track, to = worker_->index()] { origin->stop_fan_out(track, to); });
}

void MediaWorker::start_fan_out(TrackId track, std::uint32_t to) {
  const auto found = tracks_.find(track);
  if (found == tracks_.end()) return; // gone meanwhile; the control thread tells the other worker
  auto& entry = links_[to].fan_outs[track];
  if (!entry) entry = std::make_unique<router::FanOut>(*found->second, links_[to].out->packets);
}

void MediaWorker::stop_fan_out(TrackId track, std::uint32_t to) {
  const auto found = links_[to].fan_outs.find(track);
  if (found == links_[to].fan_outs.end()) return;
  counters_.channel_drops.add(found->second->dropped());
  links_[to].fan_outs.erase(found);
}

void MediaWorker::drain_links() {
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    if (links_[i].other == nullptr) continue;
    link_from(i).packets.drain(
        [this](const router::ChannelRecord& record, std::span<const std::uint8_t> payload) {
          if (const auto found = replicas_.find(record.track); found != replicas_.end())
            found->second.replica->receive(record, payload);
        },
        drain_at_once);
    router::TrackFeedback message;
    while (links_[i].out->feedback.pop(message)) {
      if (const auto found = links_[i].fan_outs.find(message.track); found != links_[i].fan_outs.end())
        found->second->apply(message, now_us());
    }
  }
}

void MediaWorker::on_turn_end() {
  drain_links();
  drain_ports();
  router_.flush(now_us());
  for (Link& link : links_)
    if (link.other != nullptr && link.out->packets.publish()) link.other->worker_->wake();
  publish_to_ports();
  for (Session* session : urgent_)
    session->send_urgent();
  urgent_.clear();
  for (const SessionId session : ended_)
    drop(session);
  ended_.clear();
}

void MediaWorker::tick() {
  ++ticks_;
  for (auto& [id, session] : sessions_)
    session->tick();
  if (ticks_ % router_ticks == 0) {
    for (auto& [id, entry] : replicas_)
      entry.replica->tick(static_cast<std::uint32_t>(floor_bps_));
    router_.tick(now_us());
  }
  if (ticks_ % level_ticks == 0) report_levels();
  tick_timer_->start(tick_us);
}

void MediaWorker::report_levels() {
  std::vector<AudioLevel> levels;
  for (auto& [id, session] : sessions_)
    session->collect_levels(levels);
  if (levels.empty()) return;
  loop_.post([events = events_, levels = std::move(levels)] { events->levels(levels); });
}

} // namespace viadux
