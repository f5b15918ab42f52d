#include "core/mixer/codec_thread.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace viadux::mixer {
namespace {

constexpr std::int64_t still_every_us = 400'000; // 2.5 frames a second: above the 2 that clients wait for
constexpr std::int64_t still_soonest_us = 100'000;
constexpr std::int64_t late_us = frame_us / 2;

std::int64_t thread_cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

} // namespace

void CodecThread::start(std::unique_ptr<TrackPort> port) {
  port_ = std::move(port);
  thread_ = std::thread([this] { run(); });
}

void CodecThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  posted_.notify_one();
  if (thread_.joinable()) thread_.join();
  port_.reset();
}

void CodecThread::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  posted_.notify_one();
}

void CodecThread::run_tasks() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(tasks_);
  }
  for (const Task& task : running_)
    task(*this);
  running_.clear();
}

void CodecThread::run() {
  std::int64_t due_us = clock_.now_us();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      // With nothing to do at all it sleeps until there is.
      if (rooms_.empty() && stills_.empty()) {
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
    if (now_us - due_us > late_us) counters_.late_ticks.add();
    run_tasks();
    port_->poll(*this);
    tick(now_us);
    port_->flush();
    // A tick that was missed is made up for, as listeners' buffers count on it; a second that was is not.
    due_us += frame_us;
    if (now_us - due_us > 5 * frame_us) due_us = now_us + frame_us;
  }
}

void CodecThread::tick(std::int64_t now_us) {
  const std::int64_t before_us = thread_cpu_us();
  for (auto& [id, room] : rooms_) {
    room.mix.tick(now_us, [this, now_us](const MixPacket& mixed) {
      PortPacket packet;
      packet.sequence = mixed.sequence;
      packet.timestamp = mixed.timestamp;
      packet.media_us = now_us;
      packet.marker = mixed.marker;
      packet.minus_dbov = mixed.minus_dbov;
      packet.payload = mixed.payload;
      if (!port_->send(mixed.output, packet)) counters_.packets_dropped.add();
    });
    std::vector<std::uint64_t> speakers = room.mix.speakers(now_us, speaker_us);
    if (speakers != room.speakers) {
      room.speakers = speakers;
      speakers_(id, std::move(speakers));
    }
    count(room);
  }
  for (auto& [track, showing] : stills_)
    if (showing.still && showing.wanted && now_us >= showing.due_us) show(track, showing, now_us);
  counters_.cpu_us.add(static_cast<std::uint64_t>(thread_cpu_us() - before_us));
}

void CodecThread::show(TrackId track, Showing& showing, std::int64_t now_us) {
  const std::vector<std::vector<std::uint8_t>>& payloads = showing.still->frames[showing.next];
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    PortPacket packet;
    packet.sequence = ++showing.sequence;
    packet.timestamp = static_cast<std::uint32_t>(now_us * 9 / 100);
    packet.media_us = now_us;
    packet.marker = i + 1 == payloads.size();
    packet.payload = payloads[i];
    if (showing.still->codec == rtp::Codec::vp8) {
      payload_.assign(payloads[i].begin(), payloads[i].end());
      set_picture_id(payload_, showing.picture_id);
      packet.payload = payload_;
    }
    port_->send(track, packet);
  }
  ++showing.picture_id;
  showing.next = (showing.next + 1) % showing.still->frames.size();
  showing.due_us = now_us + still_every_us;
  counters_.still_frames.add();
}

void CodecThread::count(Room& room) {
  const MixCounters& mix = room.mix.counters();
  counters_.mixes.add(mix.ticks - room.counted.ticks);
  counters_.encodes.add(mix.encodes - room.counted.encodes);
  counters_.shared_packets.add(mix.shared - room.counted.shared);
  room.counted = mix;
  const VoiceCounters voices = room.mix.voice_counters();
  counters_.decoded.add(voices.decoded - room.voices_counted.decoded);
  counters_.skipped.add(voices.skipped - room.voices_counted.skipped);
  counters_.recovered.add(voices.recovered - room.voices_counted.recovered);
  counters_.concealed.add(voices.concealed - room.voices_counted.concealed);
  counters_.underruns.add(voices.underruns - room.voices_counted.underruns);
  room.voices_counted = voices;
}

AudioMix& CodecThread::room(std::uint64_t id) {
  return rooms_.try_emplace(id, style_).first->second.mix;
}

void CodecThread::close_room(std::uint64_t id) {
  const auto of_room = [id](const auto& entry) { return entry.second == id; };
  std::erase_if(voice_rooms_, of_room);
  std::erase_if(output_rooms_, of_room);
  rooms_.erase(id);
}

void CodecThread::add_voice(std::uint64_t id, const MixVoice& voice, rtp::Codec codec,
                            std::shared_ptr<LipSync> lip_sync) {
  if (!room(id).add_voice(voice.track, voice.owner, codec, voice.channel)) return;
  room(id).set_lip_sync(voice.track, std::move(lip_sync));
  voice_rooms_[voice.track] = id;
}

void CodecThread::set_channel(TrackId track, const std::string& channel) {
  if (const auto found = voice_rooms_.find(track); found != voice_rooms_.end())
    room(found->second).set_channel(track, channel);
}

void CodecThread::on_time(TrackId track, std::uint8_t /*encoding*/, std::uint32_t timestamp,
                          std::int64_t media_us) {
  const auto found = voice_rooms_.find(track);
  if (found == voice_rooms_.end()) return;
  if (Voice* voice = room(found->second).voice(track)) voice->on_time(timestamp, media_us);
}

void CodecThread::remove_voice(TrackId track) {
  const auto found = voice_rooms_.find(track);
  if (found == voice_rooms_.end()) return;
  room(found->second).remove_voice(track);
  voice_rooms_.erase(found);
}

void CodecThread::add_output(std::uint64_t id, TrackId track, std::uint64_t owner, const std::string& channel,
                             rtp::Codec codec) {
  if (room(id).add_output(track, owner, codec, channel)) output_rooms_[track] = id;
}

void CodecThread::remove_output(TrackId track) {
  const auto found = output_rooms_.find(track);
  if (found == output_rooms_.end()) return;
  room(found->second).remove_output(track);
  output_rooms_.erase(found);
}

void CodecThread::show_still(TrackId track, std::shared_ptr<const Still> still) {
  if (const auto found = stills_.find(track); found != stills_.end()) found->second.still = std::move(still);
}

void CodecThread::on_packet(TrackId track, const router::ChannelRecord& record,
                            std::span<const std::uint8_t> payload) {
  const auto found = voice_rooms_.find(track);
  if (found == voice_rooms_.end()) return;
  std::optional<std::uint8_t> level;
  // The upper bit says "voice activity" (RFC 6464).
  if ((record.flags & router::ChannelRecord::has_audio_level) != 0) level = record.audio_level & 0x7fU;
  if (Voice* voice = room(found->second).voice(track))
    voice->put(record.sequence, record.timestamp, payload, level, record.time_us);
}

void CodecThread::on_wanted(TrackId track, bool wanted) {
  // Asked for after we looked: what adds it was posted before its first receiver could come.
  if (!output_rooms_.contains(track) && !stills_.contains(track)) run_tasks();
  if (const auto found = output_rooms_.find(track); found != output_rooms_.end()) {
    room(found->second).set_wanted(track, wanted);
  } else if (const auto still = stills_.find(track); still != stills_.end()) {
    still->second.wanted = wanted;
    still->second.next = 0;
    still->second.due_us = 0;
  }
}

// All who see the same still begin anew with its key frame, as it is the same picture.
void CodecThread::on_key_frame_wanted(TrackId track, std::uint8_t /*encoding*/) {
  const auto found = stills_.find(track);
  if (found == stills_.end()) return;
  found->second.next = 0;
  found->second.due_us = std::min(found->second.due_us, clock_.now_us() + still_soonest_us);
}

} // namespace viadux::mixer
