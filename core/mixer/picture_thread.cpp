#include "core/mixer/picture_thread.hpp"

#include <chrono>
#include <ctime>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace viadux::mixer {
namespace {

// Below sound and the media workers: where there is not enough for all, pictures wait.
constexpr int niceness = 4; // more, and a busy machine stops pictures altogether

std::int64_t thread_cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

} // namespace

void PictureThread::start(std::unique_ptr<TrackPort> port) {
  port_ = std::move(port);
  thread_ = std::thread([this] {
    // Linux keeps the niceness of each thread; where it may not be raised all goes on as it is.
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), niceness);
    run();
  });
}

void PictureThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  posted_.notify_one();
  if (thread_.joinable()) thread_.join();
  port_.reset();
}

void PictureThread::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  posted_.notify_one();
}

void PictureThread::run_tasks() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(tasks_);
  }
  for (const Task& task : running_)
    task(*this);
  running_.clear();
}

void PictureThread::run() {
  std::int64_t due_us = clock_.now_us();
  for (;;) {
    const std::int64_t every_us = 1'000'000 / budget_.effort().fps;
    {
      std::unique_lock lock(mutex_);
      if (rooms_.empty()) { // sleeps until there is something to do
        posted_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        due_us = clock_.now_us();
      }
      const std::int64_t wait_us = due_us - clock_.now_us();
      if (wait_us > 0)
        posted_.wait_for(lock, std::chrono::microseconds(wait_us), [this] { return stopping_; });
      if (stopping_) return;
    }
    const std::int64_t now_us = clock_.now_us();
    if (now_us < due_us) continue; // woken early
    counters_.ticks.add();
    if (now_us - due_us > every_us) counters_.late_ticks.add();
    run_tasks();
    port_->poll(*this);
    tick(now_us);
    port_->flush();
    weigh(now_us);
    due_us += every_us;
    if (due_us <= clock_.now_us()) due_us = clock_.now_us() + 1000; // what was missed is not made up for
  }
}

void PictureThread::tick(std::int64_t now_us) {
  const std::int64_t before_us = thread_cpu_us();
  std::int64_t encoders = 0;
  for (auto& [id, room] : rooms_) {
    room.mix.tick(now_us);
    count(room);
    encoders += static_cast<std::int64_t>(room.mix.encoders());
  }
  encoders_.store(encoders, std::memory_order_relaxed);
  counters_.cpu_us.add(static_cast<std::uint64_t>(thread_cpu_us() - before_us));
}

void PictureThread::weigh(std::int64_t began_us) {
  const std::int64_t now_us = clock_.now_us();
  budget_.spent(now_us - began_us, now_us);
  load_.store(budget_.load(), std::memory_order_relaxed);
  if (effort_step_.exchange(budget_.step(), std::memory_order_relaxed) == budget_.step()) return;
  for (auto& [id, room] : rooms_)
    room.mix.set_effort(budget_.effort());
}

void PictureThread::count(Room& room) {
  const PictureCounters& mix = room.mix.counters();
  counters_.composed.add(mix.composed - room.counted.composed);
  counters_.encoded.add(mix.encoded - room.counted.encoded);
  counters_.left_out.add(mix.left_out - room.counted.left_out);
  counters_.key_frames.add(mix.key_frames - room.counted.key_frames);
  counters_.encoder_failures.add(mix.encoder_failures - room.counted.encoder_failures);
  room.counted = mix;
  const SourceCounters sources = room.mix.source_counters();
  counters_.decoded.add(sources.decoded - room.sources_counted.decoded);
  counters_.damaged.add(sources.damaged - room.sources_counted.damaged);
  counters_.lost.add(sources.lost - room.sources_counted.lost);
  counters_.malformed.add(sources.malformed - room.sources_counted.malformed);
  room.sources_counted = sources;
}

void PictureThread::send(TrackId output, const PortPacket& packet) {
  if (!port_->send(output, packet)) counters_.dropped.add();
}

void PictureThread::ask_key_frame(TrackId source, std::uint8_t encoding) {
  port_->request_key_frame(source, encoding);
}

PictureMix& PictureThread::room(std::uint64_t id) {
  const auto [found, made] = rooms_.try_emplace(id, style_, *this);
  if (made) found->second.mix.set_effort(budget_.effort());
  return found->second.mix;
}

void PictureThread::close_room(std::uint64_t id) {
  const auto of_room = [id](const auto& entry) { return entry.second == id; };
  std::erase_if(source_rooms_, of_room);
  std::erase_if(output_rooms_, of_room);
  rooms_.erase(id);
}

void PictureThread::add_source(std::uint64_t id, TrackId track, rtp::Codec codec, unsigned encodings,
                               std::shared_ptr<LipSync> lip_sync) {
  room(id).add_source(track, codec, encodings, std::move(lip_sync));
  source_rooms_[track] = id;
}

void PictureThread::on_time(TrackId track, std::uint8_t encoding, std::uint32_t timestamp,
                            std::int64_t media_us) {
  if (const auto found = source_rooms_.find(track); found != source_rooms_.end())
    room(found->second).on_time(track, encoding, timestamp, media_us);
}

void PictureThread::remove_source(TrackId track) {
  const auto found = source_rooms_.find(track);
  if (found == source_rooms_.end()) return;
  room(found->second).remove_source(track);
  source_rooms_.erase(found);
}

void PictureThread::add_output(std::uint64_t id, TrackId track, std::uint64_t canvas, rtp::Codec codec) {
  room(id).add_output(track, canvas, codec);
  output_rooms_[track] = id;
}

void PictureThread::remove_output(TrackId track) {
  const auto found = output_rooms_.find(track);
  if (found == output_rooms_.end()) return;
  room(found->second).remove_output(track);
  output_rooms_.erase(found);
}

void PictureThread::on_packet(TrackId track, const router::ChannelRecord& record,
                              std::span<const std::uint8_t> payload) {
  if (const auto found = source_rooms_.find(track); found != source_rooms_.end())
    room(found->second).put(track, record, payload, clock_.now_us());
}

void PictureThread::on_wanted(TrackId track, bool wanted) {
  // Asked for after we looked: what adds it was posted before its first receiver could come.
  if (!output_rooms_.contains(track)) run_tasks();
  if (const auto found = output_rooms_.find(track); found != output_rooms_.end())
    room(found->second).set_wanted(track, wanted);
}

void PictureThread::on_key_frame_wanted(TrackId track, std::uint8_t encoding) {
  if (const auto found = output_rooms_.find(track); found != output_rooms_.end())
    room(found->second).want_key_frame(track, encoding, clock_.now_us());
}

void PictureThread::on_encodings_in_use(TrackId track, std::uint8_t encodings) {
  if (const auto found = output_rooms_.find(track); found != output_rooms_.end())
    room(found->second).set_in_use(track, encodings);
}

} // namespace viadux::mixer
