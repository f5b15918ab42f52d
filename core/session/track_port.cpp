#include "core/session/track_port.hpp"

#include "core/rtp/payload_info.hpp"
#include "core/session/engine.hpp"
#include "core/session/media_worker.hpp"

#include <algorithm>

namespace viadux {
namespace {

Error too_much() {
  return make_error(ErrorCode::busy, "server_busy", "the media worker has too much to do; try again");
}

} // namespace

// ---- [control]

Result<std::unique_ptr<TrackPort>> Engine::open_port(std::function<void()> wake) {
  std::vector<MediaWorker*> workers;
  for (const WorkerRecord& record : workers_)
    workers.push_back(record.media.get());
  const std::uint32_t number = TrackPort::first_number + ports_opened_++;
  std::unique_ptr<TrackPort> port(new TrackPort(*this, number, std::move(workers), std::move(wake)));
  for (std::size_t i = 0; i < workers_.size(); ++i)
    if (stopping_ || !workers_[i].media->add_port(port->links_[i])) return too_much(); // ~TrackPort undoes
  return port;
}

TrackPort::TrackPort(Engine& engine, std::uint32_t number, std::vector<MediaWorker*> workers,
                     std::function<void()> wake)
    : engine_(engine), number_(number), bell_(std::make_shared<PortBell>(std::move(wake))),
      workers_(std::move(workers)) {
  for (std::size_t i = 0; i < workers_.size(); ++i)
    links_.push_back(std::make_shared<PortLink>(number_, bell_));
}

TrackPort::~TrackPort() {
  for (const TrackId track : given_ids_)
    engine_.forget_track(track, number_);
  for (MediaWorker* worker : workers_)
    engine_.insist([worker, number = number_] { return worker->remove_port(number); });
}

Result<router::TrackConfig> TrackPort::take(TrackId track) {
  const auto address = engine_.address_of(track);
  if (!address) return make_error(ErrorCode::gone, "gone", "there is no such track any more");
  // What another port gives comes by a replica, as to any subscriber.
  const std::uint32_t worker = address->worker >= first_number ? 0 : address->worker;
  if (!order({Command::Kind::take, track, worker, {}})) return too_much();
  if (!workers_[worker]->take_for_port(*address, number_)) {
    order({Command::Kind::leave, track, worker, {}});
    return too_much();
  }
  // A leave that still waits for room in the worker's queue would come behind this, and undo it.
  if (const auto late = leaving_.find(track); late != leaving_.end()) {
    *late->second = false;
    leaving_.erase(late);
  }
  taken_[track] = worker;
  return address->config;
}

void TrackPort::leave(TrackId track) {
  const auto found = taken_.find(track);
  if (found == taken_.end()) return;
  MediaWorker* worker = workers_[found->second];
  taken_.erase(found);
  order({Command::Kind::leave, track, 0, {}});
  std::erase_if(leaving_, [](const auto& entry) { return entry.second.use_count() == 1; }); // have left
  const auto still = std::make_shared<bool>(true);
  leaving_[track] = still;
  engine_.insist(
      [worker, track, number = number_, still] { return !*still || worker->leave_for_port(track, number); });
}

Result<TrackId> TrackPort::give(router::TrackConfig config, bool to_all) {
  if (engine_.stopping_) return make_error(ErrorCode::gone, "gone", "media has stopped");
  config.id = engine_.last_track_ + 1;
  if (!order({Command::Kind::give, config.id, 0, config})) return too_much();
  engine_.last_track_ = config.id;
  engine_.tracks_[config.id] = {.port = number_, .config = config, .to_all = to_all};
  given_ids_.push_back(config.id);
  return config.id;
}

void TrackPort::withdraw(TrackId track) {
  if (std::erase(given_ids_, track) == 0) return;
  engine_.forget_track(track, number_);
  order({Command::Kind::withdraw, track, 0, {}});
}

// What ends something is always taken: there are no more of these than of the others.
bool TrackPort::order(Command command) {
  const bool begins = command.kind == Command::Kind::give || command.kind == Command::Kind::take;
  const std::lock_guard lock(commands_mutex_);
  if (begins && commands_.size() >= max_commands) return false;
  commands_.push_back(std::move(command));
  return true;
}

// ---- [port]

void TrackPort::run_commands() {
  {
    const std::lock_guard lock(commands_mutex_);
    running_.swap(commands_);
  }
  for (Command& command : running_) {
    switch (command.kind) {
    case Command::Kind::give:
      given_.insert_or_assign(
          command.track, Given{command.config, TrackDemand(links_.size()), std::vector<bool>(links_.size())});
      break;
    case Command::Kind::withdraw:
      given_.erase(command.track);
      break;
    case Command::Kind::take:
      arrives_on_[command.track] = command.worker;
      break;
    case Command::Kind::leave:
      arrives_on_.erase(command.track);
      break;
    }
  }
  running_.clear();
}

bool TrackPort::poll(TrackPortSink& sink, std::size_t limit) {
  bell_->answer();
  run_commands();
  bool more = false;
  for (std::size_t worker = 0; worker < links_.size(); ++worker) {
    router::TrackFeedback message;
    while (links_[worker]->to_worker.feedback.pop(message))
      on_feedback(message, worker, sink);
    const auto take = [&](const router::ChannelRecord& record, std::span<const std::uint8_t> payload) {
      switch (record.kind) {
      case router::ChannelRecord::Kind::packet:
        sink.on_packet(record.track, record, payload);
        break;
      case router::ChannelRecord::Kind::time:
        sink.on_time(record.track, record.encoding, record.timestamp, record.time_us);
        break;
      case router::ChannelRecord::Kind::end:
        arrives_on_.erase(record.track);
        sink.on_ended(record.track);
        break;
      }
    };
    more |= links_[worker]->to_port.packets.drain(take, limit) == limit;
  }
  return more;
}

void TrackPort::tell(TrackId track, const TrackDemand::Change& change, TrackPortSink& sink) {
  if (change.wanted) sink.on_wanted(track, *change.wanted);
  if (change.in_use) sink.on_encodings_in_use(track, *change.in_use);
}

void TrackPort::on_feedback(const router::TrackFeedback& message, std::size_t worker, TrackPortSink& sink) {
  auto found = given_.find(message.track);
  if (found == given_.end()) {
    run_commands(); // given after we looked; the order is there, as it went before the first receiver
    found = given_.find(message.track);
    if (found == given_.end()) return; // withdrawn
  }
  Given& given = found->second;
  switch (message.kind) {
  case router::TrackFeedback::Kind::wanted:
  case router::TrackFeedback::Kind::unwanted: {
    const bool wanted = message.kind == router::TrackFeedback::Kind::wanted;
    if (given.demand.wanted(worker) != wanted) given.broken[worker] = false;
    tell(message.track, given.demand.set_wanted(worker, wanted), sink);
    break;
  }
  case router::TrackFeedback::Kind::in_use:
    tell(message.track, given.demand.set_in_use(worker, message.encoding), sink);
    break;
  case router::TrackFeedback::Kind::key_frame:
    sink.on_key_frame_wanted(message.track, message.encoding);
    break;
  case router::TrackFeedback::Kind::share:
    break; // a source of ours does not follow its receivers' lines yet
  }
}

void TrackPort::request_key_frame(TrackId taken, std::uint8_t encoding) {
  const auto found = arrives_on_.find(taken);
  if (found == arrives_on_.end()) return;
  const std::uint32_t worker = found->second;
  if (links_[worker]->to_port.feedback.push(
          {.kind = router::TrackFeedback::Kind::key_frame, .encoding = encoding, .track = taken}))
    workers_[worker]->worker().wake();
}

bool TrackPort::send(TrackId track, const PortPacket& packet) {
  const auto found = given_.find(track);
  if (found == given_.end() || !found->second.demand.wanted()) return false;
  router::ChannelRecord record;
  record.track = track;
  record.time_us = packet.media_us;
  record.timestamp = packet.timestamp;
  record.sequence = packet.sequence;
  record.encoding = packet.encoding;
  const bool video = rtp::is_video(found->second.config.codec);
  record.flags = static_cast<std::uint8_t>((packet.marker ? router::ChannelRecord::marker : 0) |
                                           (video ? 0 : router::ChannelRecord::has_audio_level));
  record.audio_level = packet.minus_dbov;
  bool all = true;
  for (std::size_t worker = 0; worker < links_.size(); ++worker)
    if (found->second.demand.wanted(worker)) all &= send_to(worker, found->second, record, packet.payload);
  return all;
}

bool TrackPort::send_to(std::size_t worker, Given& given, const router::ChannelRecord& record,
                        std::span<const std::uint8_t> payload) {
  const bool video = rtp::is_video(given.config.codec);
  if (given.broken[worker]) {
    const rtp::PayloadInfo info = rtp::describe(given.config.codec, payload);
    given.broken[worker] = !info.key_frame && !info.idr_without_parameters;
  }
  if (!given.broken[worker] && links_[worker]->to_worker.packets.push(record, payload)) return true;
  given.broken[worker] = video; // a packet of sound stands for itself
  dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return false;
}

void TrackPort::flush() {
  for (std::size_t worker = 0; worker < links_.size(); ++worker)
    if (links_[worker]->to_worker.packets.publish()) workers_[worker]->worker().wake();
}

} // namespace viadux
