#include "core/session/engine.hpp"

#include "core/log/log.hpp"
#include "core/sdp/fragment.hpp"
#include "core/session/incoming.hpp"
#include "core/session/media_worker.hpp"
#include "core/session/outgoing.hpp"
#include "core/session/random.hpp"

#include <algorithm>

namespace viadux {
namespace {

constexpr std::int64_t load_every_us = 1'000'000;
constexpr double room_stays_below = 0.7; // a room keeps its worker until that is so busy
constexpr std::size_t ports_ahead = 8;

Error gone(const char* what) {
  return make_error(ErrorCode::gone, "gone", std::string("there is no such ") + what + " any more");
}

} // namespace

Engine::Engine(const EngineOptions& options, ControlLoop& loop) : options_(options), loop_(loop) {}

Result<std::unique_ptr<Engine>> Engine::create(const EngineOptions& options, ControlLoop& loop,
                                               Metrics& metrics) {
  std::unique_ptr<Engine> engine(new Engine(options, loop));
  auto certificates = CertificateStore::create(loop.clock().wall_ms());
  if (!certificates) return certificates.error();
  engine->certificates_ = std::make_unique<CertificateStore>(std::move(*certificates));

  for (std::uint32_t i = 0; i < std::max(options.workers, 1U); ++i) {
    WorkerConfig config;
    config.index = i;
    config.base_port = options.base_port;
    config.addresses = options.addresses;
    config.tcp = options.tcp;
    config.use_gso = options.use_gso;
    auto worker = Worker::create(config, loop.clock());
    if (!worker) return worker.error();
    // What a worker has posted may run after the engine is gone.
    const std::weak_ptr<Engine*> weak = engine->self_;
    MediaWorkerEvents events;
    events.connected = [weak](SessionId id) {
      if (const auto self = weak.lock()) (*self)->session_connected(id);
    };
    events.ended = [weak](SessionId id, const std::string& reason) {
      if (const auto self = weak.lock()) (*self)->session_ended(id, reason);
    };
    events.track_active = [weak](TrackId track, bool active) {
      if (const auto self = weak.lock()) (*self)->track_active(track, active);
    };
    events.levels = [weak](const std::vector<AudioLevel>& levels) {
      const auto self = weak.lock();
      if (self && (*self)->listener_ != nullptr) (*self)->listener_->on_audio_levels(levels);
    };
    WorkerRecord record;
    record.media =
        std::make_unique<MediaWorker>(std::move(*worker), loop, std::move(events), options.floor_bps);
    engine->workers_.push_back(std::move(record));
  }
  std::vector<MediaWorker*> all;
  for (WorkerRecord& record : engine->workers_)
    all.push_back(record.media.get());
  for (MediaWorker* worker : all)
    worker->connect(all);
  engine->metrics_ = &metrics;
  Engine* self = engine.get();
  engine->collector_ = metrics.add_collector([self](MetricSink& sink) { self->collect(sink); });
  return engine;
}

Engine::~Engine() {
  stop();
  if (metrics_ != nullptr) metrics_->remove_collector(collector_);
}

void Engine::start() {
  for (std::uint32_t i = 0; i < workers_.size(); ++i) {
    workers_[i].media->start();
    refill_ports(i);
  }
  measure_load();
}

void Engine::stop() {
  if (stopping_) return;
  stopping_ = true;
  loop_.cancel(load_timer_);
  for (WorkerRecord& record : workers_)
    record.media->stop();
  sessions_.clear();
  tracks_.clear();
}

std::uint16_t Engine::port(std::uint32_t worker) const {
  return workers_[worker].media->worker().port();
}

void Engine::measure_load() {
  const std::int64_t now = loop_.clock().now_us();
  for (WorkerRecord& record : workers_) {
    const std::int64_t used = record.media->worker().cpu_time_us();
    if (record.cpu_read_at_us != 0 && now > record.cpu_read_at_us)
      record.load =
          static_cast<double>(used - record.cpu_us) / static_cast<double>(now - record.cpu_read_at_us);
    record.cpu_us = used;
    record.cpu_read_at_us = now;
  }
  load_timer_ = loop_.after(load_every_us, [this] { measure_load(); });
}

std::uint32_t Engine::choose_worker(std::uint64_t room) const {
  if (const auto used = room_workers_.find(room); used != room_workers_.end()) {
    for (const auto& [worker, sessions] : used->second)
      if (workers_[worker].load < room_stays_below) return worker;
  }
  std::uint32_t best = 0;
  const auto score = [this](std::uint32_t i) { return workers_[i].load + 0.001 * workers_[i].sessions; };
  for (std::uint32_t i = 1; i < workers_.size(); ++i)
    if (score(i) < score(best)) best = i;
  return best;
}

void Engine::refill_ports(std::uint32_t index) {
  WorkerRecord& record = workers_[index];
  if (record.refilling || record.spare_ports.size() >= ports_ahead || options_.rtp_ports.first == 0) return;
  record.refilling = true;
  const IpAddress address = options_.addresses.empty() ? IpAddress() : options_.addresses.front();
  record.media->open_rtp_ports(
      options_.rtp_ports, address, ports_ahead - record.spare_ports.size(),
      [weak = std::weak_ptr<Engine*>(self_), index](const std::vector<RtpPort>& ports) {
        const auto self = weak.lock();
        if (!self) return;
        WorkerRecord& refilled = (*self)->workers_[index];
        refilled.refilling = false;
        for (const RtpPort& port : ports)
          refilled.spare_ports.push_back(port);
      });
}

Result<Engine::Record> Engine::make_record(const SessionRequest& request) {
  if (stopping_ || sessions_.size() >= options_.max_sessions)
    return make_error(ErrorCode::busy, "server_full", "this server takes no more media sessions right now",
                      "", "try again in a moment");
  Record record;
  record.room = request.room;
  record.worker = choose_worker(request.room);
  record.request = request;
  record.request.offer.clear();
  record.ice = make_ice_credentials();
  record.certificate = certificates_->current(loop_.clock().wall_ms());
  record.rtcp_ssrc = random_ssrc();
  record.cname = random_cname();
  return record;
}

void Engine::keep(SessionId id, Record record) {
  ++opened_;
  ++workers_[record.worker].sessions;
  ++room_workers_[record.room][record.worker];
  sessions_.emplace(id, std::move(record));
}

Result<SessionAnswer> Engine::open(const SessionRequest& request) {
  auto record = make_record(request);
  const SessionId id = ++last_session_;
  auto answer = record ? negotiate(id, *record, request.offer, true) : record.error();
  if (record) settle_ports(*record, {}, answer.has_value());
  if (!answer) {
    ++refused_;
    return answer;
  }
  settle_tracks(id, *record, {});
  keep(id, std::move(*record));
  return answer;
}

Result<SessionAnswer> Engine::offer(const SessionRequest& request, std::span<const OfferedLine> lines) {
  auto record = make_record(request);
  auto text = record ? write_offer(*record, lines) : record.error();
  if (!text) {
    if (record) settle_ports(*record, {}, false);
    ++refused_;
    return text.error();
  }
  SessionAnswer offered;
  offered.session = ++last_session_;
  offered.answer = std::move(*text);
  offered.ice_ufrag = record->ice.ufrag;
  offered.ice_pwd = record->ice.pwd;
  keep(offered.session, std::move(*record));
  return offered;
}

Result<SessionAnswer> Engine::accept(SessionId session, const std::string& answer) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return gone("session");
  if (!found->second.offered)
    return make_error(ErrorCode::bad_argument, "no_offer", "no offer of ours waits for an answer", "answer");
  Record record = found->second;
  auto accepted = negotiate_answer(session, record, answer);
  if (!accepted) return accepted;
  record.offered.reset();
  settle_ports(record, {}, true);
  settle_tracks(session, record, {});
  found->second = std::move(record);
  return accepted;
}

Result<SessionAnswer> Engine::update(SessionId session, const std::string& offer) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return gone("session");
  if (found->second.offered)
    return make_error(ErrorCode::busy, "offer_pending", "an offer of ours waits for its answer", "offer",
                      "answer it first");
  // On a copy: a refused offer leaves the session as it was.
  Record record = found->second;
  auto answer = negotiate(session, record, offer, false);
  settle_ports(record, found->second.rtp_ports, answer.has_value());
  if (!answer) return answer;
  settle_tracks(session, record, found->second.tracks);
  found->second = std::move(record);
  return answer;
}

Result<void> Engine::add_candidates(SessionId session, const std::string& text) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return gone("session");
  auto fragment = sdp::parse_fragment(text);
  if (!fragment) return fragment.error();
  // A lite agent (RFC 8445 section 2.5) sends no checks, so candidates are of no use to it; but they must be
  // of this session and this ICE generation.
  const auto& transports = found->second.negotiated.transports;
  if (!fragment->ice_ufrag.empty() &&
      std::none_of(transports.begin(), transports.end(),
                   [&](const auto& each) { return each.remote_ufrag == fragment->ice_ufrag; }))
    return make_error(ErrorCode::bad_argument, "ice_ufrag_unknown",
                      "the candidates are of another ICE generation than the offer", "ice-ufrag");
  return {};
}

Result<void> Engine::set_rights(SessionId session, const MediaRights& rights) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return gone("session");
  found->second.request.rights = rights;
  if (found->second.offered) return {}; // counts once it is accepted
  if (!workers_[found->second.worker].media->set_rights(session, rights))
    return make_error(ErrorCode::busy, "server_busy", "the media worker has too much to do; try again");
  return {};
}

Result<void> Engine::fill_slot(SessionId session, std::uint32_t slot, const SlotFill& fill) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return gone("session");
  const auto& lines = found->second.negotiated.lines;
  if (slot >= lines.size() || lines[slot].rejected || !lines[slot].local ||
      !sdp::sends(lines[slot].direction))
    return make_error(ErrorCode::not_found, "no_such_slot", "the session does not receive on this media line",
                      "slot");
  TrackAddress address;
  if (fill.track != 0) {
    const auto found_address = address_of(fill.track);
    if (!found_address) return gone("track");
    address = *found_address;
    if (rtp::is_video(address.config.codec) != (lines[slot].kind == sdp::Kind::video))
      return make_error(ErrorCode::bad_argument, "wrong_kind", "the track is of another kind than the slot",
                        "track");
  }
  if (!workers_[found->second.worker].media->fill_slot(session, slot, address, fill))
    return make_error(ErrorCode::busy, "server_busy", "the media worker has too much to do; try again");
  if (fill.track != 0 && router::format_for(slot_formats(lines[slot]), address.config) == nullptr)
    return make_error(ErrorCode::unsupported, "codecs_differ",
                      "the receiver has not negotiated the track's codec: the slot stays empty", "track");
  return {};
}

Result<void> Engine::close(SessionId session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return gone("session");
  MediaWorker& worker = *workers_[found->second.worker].media;
  if (found->second.offered) {
    settle_ports(found->second, {}, false);
    ++ended_["not_answered"];
    forget(session);
    return {};
  }
  // A full queue must not leave a session behind that nobody can close: try until it takes it.
  if (!worker.close_session(session)) {
    loop_.after(20'000, [weak = std::weak_ptr<Engine*>(self_), session] {
      if (const auto self = weak.lock()) (void)(*self)->close(session);
    });
    return {};
  }
  ++ended_["closed"];
  forget(session);
  return {};
}

void Engine::forget(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const Record& record = found->second;
  for (const TrackId track : record.tracks)
    if (track != 0) forget_track(track, record.worker);
  --workers_[record.worker].sessions;
  auto& used = room_workers_[record.room];
  if (--used[record.worker] == 0) used.erase(record.worker);
  if (used.empty()) room_workers_.erase(record.room);
  sessions_.erase(found);
}

std::optional<TrackAddress> Engine::address_of(TrackId track) const {
  const auto found = tracks_.find(track);
  if (found == tracks_.end()) return std::nullopt;
  const TrackRecord& record = found->second;
  if (record.session == 0) return TrackAddress{track, record.port, record.config, record.to_all};
  const Record& owner = sessions_.at(record.session);
  return TrackAddress{track, owner.worker, track_config(track, owner.negotiated.lines[record.line]), false};
}

void Engine::insist(std::function<bool()> attempt) {
  if (stopping_ || attempt()) return;
  loop_.after(20'000, [weak = std::weak_ptr<Engine*>(self_), attempt = std::move(attempt)] {
    if (const auto self = weak.lock()) (*self)->insist(attempt);
  });
}

void Engine::forget_track(TrackId track, std::uint32_t origin) {
  tracks_.erase(track);
  for (std::uint32_t i = 0; i < workers_.size(); ++i)
    if (i != origin) insist([media = workers_[i].media.get(), track] { return media->track_gone(track); });
}

void Engine::session_connected(SessionId id) {
  if (!sessions_.contains(id)) return;
  log_debug("session", "connected", {{"session", id}});
  if (listener_ != nullptr) listener_->on_session_connected(id);
}

void Engine::track_active(TrackId track, bool active) {
  if (listener_ != nullptr && tracks_.contains(track)) listener_->on_track_active(track, active);
}

void Engine::session_ended(SessionId id, const std::string& reason) {
  if (!sessions_.contains(id)) return;
  log_info("session", "ended by itself", {{"session", id}, {"reason", reason}});
  ++ended_[reason];
  forget(id);
  if (listener_ != nullptr) listener_->on_session_closed(id, reason);
}

void Engine::statistics(SessionId session, std::function<void(Result<std::string>)> done) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) {
    loop_.post([done = std::move(done)] { done(gone("session")); });
    return;
  }
  auto shared = std::make_shared<std::function<void(Result<std::string>)>>(std::move(done));
  const bool posted = workers_[found->second.worker].media->statistics(
      session, [shared](Result<std::string> json) { (*shared)(std::move(json)); });
  if (!posted)
    loop_.post([shared] {
      (*shared)(make_error(ErrorCode::busy, "server_busy", "the media worker has too much to do; try again"));
    });
}

} // namespace viadux
