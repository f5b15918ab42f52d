#include "core/mixer/mixer.hpp"

#include <algorithm>

namespace viadux {
namespace {
constexpr std::int64_t prune_after_us = 2'000'000;
constexpr std::size_t most_stills = 300; // of some 60 kB: six for a look
} // namespace

Mixer::Mixer(const MixerOptions& options, ControlLoop& loop, Metrics& metrics)
    : options_(options), loop_(loop), metrics_(metrics), pictures_(options.pictures, lip_syncs_) {}

Result<std::unique_ptr<Mixer>> Mixer::create(const MixerOptions& options, Engine& engine, ControlLoop& loop,
                                             Metrics& metrics) {
  std::unique_ptr<Mixer> made(new Mixer(options, loop, metrics));
  for (std::uint32_t i = 0; i < std::max(options.threads, 1U); ++i) {
    auto port = engine.open_port({}); // it looks by the clock
    if (!port) return port.error();
    // What a thread has posted may run after the mixer is gone.
    auto speakers = [&loop, weak = std::weak_ptr<Mixer*>(made->self_)](std::uint64_t room,
                                                                       std::vector<std::uint64_t> owners) {
      loop.post([weak, room, owners = std::move(owners)] {
        if (const auto self = weak.lock()) (*self)->speakers_changed(room, owners);
      });
    };
    auto thread = std::make_unique<mixer::CodecThread>(loop.clock(), options.audio, std::move(speakers));
    thread->start(std::move(*port));
    made->threads_.push_back(std::move(thread));
  }
  if (const auto started = made->pictures_.start(options.picture_threads, engine, loop.clock()); !started)
    return started.error();
  // Before anybody waits for one.
  for (const StillText text : {StillText::waiting_for_host, StillText::alone, StillText::camera_off})
    for (const rtp::Codec codec : {rtp::Codec::vp8, rtp::Codec::h264})
      made->still_of(nullptr, text, codec);
  made->collector_ = metrics.add_collector([self = made.get()](MetricSink& sink) { self->collect(sink); });
  return made;
}

Mixer::~Mixer() {
  if (collector_ != 0) metrics_.remove_collector(collector_);
  still_maker_.stop(); // what it makes goes to the threads
  threads_.clear();
}

void Mixer::open_room(std::uint64_t id, std::string_view organisation) {
  organisations_[id] = organisation;
}

std::shared_ptr<const mixer::Look> Mixer::look_of(std::uint64_t id) const {
  const auto room = organisations_.find(id);
  const auto look = room == organisations_.end() ? looks_.end() : looks_.find(room->second);
  return look == looks_.end() ? nullptr : look->second;
}

void Mixer::set_looks(mixer::Looks looks) {
  std::map<std::uint64_t, std::shared_ptr<const mixer::Look>> before;
  for (const auto& [id, organisation] : organisations_)
    before[id] = look_of(id);
  looks_ = std::move(looks);
  for (const auto& [id, look] : before)
    if (changed_ && look != look_of(id)) changed_(id);
  // Slots have been filled anew by then.
  loop_.after(prune_after_us, [weak = std::weak_ptr<Mixer*>(self_)] {
    if (const auto self = weak.lock()) (*self)->forget_stills();
  });
}

Mixer::Room& Mixer::room(std::uint64_t id) {
  Room& found = rooms_[id];
  if (found.thread == nullptr) {
    // The thread with the fewest rooms.
    std::map<mixer::CodecThread*, std::size_t> load;
    for (const auto& [other, each] : rooms_)
      ++load[each.thread];
    found.thread =
        std::ranges::min_element(threads_, {}, [&](const auto& thread) { return load[thread.get()]; })->get();
  }
  return found;
}

template <class Over>
void Mixer::withdraw_outputs(Room& mixed, Over over) {
  std::erase_if(mixed.outputs, [&](const auto& entry) {
    if (!over(entry.first)) return false;
    mixed.thread->port().withdraw(entry.second);
    mixed.thread->post([track = entry.second](mixer::CodecThread& thread) { thread.remove_output(track); });
    return true;
  });
}

void Mixer::set_voices(std::uint64_t id, std::span<const MixVoice> voices) {
  if (voices.empty() && !rooms_.contains(id)) return;
  Room& mixed = room(id);
  std::erase_if(mixed.voices, [&](const auto& entry) {
    if (std::ranges::count(voices, entry.first, &MixVoice::track)) return false;
    mixed.thread->port().leave(entry.first);
    mixed.thread->post([track = entry.first](mixer::CodecThread& thread) { thread.remove_voice(track); });
    return true;
  });
  for (const MixVoice& voice : voices) {
    if (const auto known = mixed.voices.find(voice.track); known != mixed.voices.end()) {
      if (known->second.channel == voice.channel) continue;
      known->second.channel = voice.channel;
      mixed.thread->post(
          [voice](mixer::CodecThread& thread) { thread.set_channel(voice.track, voice.channel); });
      continue;
    }
    leave_elsewhere(id, voice.track);
    const auto taken = mixed.thread->port().take(voice.track);
    if (!taken) continue; // gone: the meeting will say so, too
    mixed.voices[voice.track] = voice;
    mixed.thread->post([id, voice, codec = taken->codec, lips = lip_syncs_.of(voice.owner)](
                           mixer::CodecThread& thread) { thread.add_voice(id, voice, codec, lips); });
  }
  withdraw_outputs(mixed,
                   [&](const Hearing& what) { return !what.channel.empty() && !mixed.asked.contains(what); });
  mixed.asked.clear();
}

// Who moves may be told of by the new room first: the old one must not take the track away from it later.
void Mixer::leave_elsewhere(std::uint64_t id, TrackId track) {
  for (auto& [other, mixed] : rooms_) {
    if (other == id || mixed.voices.erase(track) == 0) continue;
    mixed.thread->port().leave(track);
    mixed.thread->post([track](mixer::CodecThread& thread) { thread.remove_voice(track); });
  }
}

TrackId Mixer::mix(std::uint64_t id, std::uint64_t owner, const std::string& channel, rtp::Codec codec) {
  Room& mixed = room(id);
  const Hearing what{mixed.speakers.contains(owner) ? owner : 0, channel, codec};
  if (!channel.empty()) mixed.asked.insert(what);
  if (const auto found = mixed.outputs.find(what); found != mixed.outputs.end()) return found->second;
  const auto track = mixed.thread->port().give({.codec = codec});
  if (!track) return 0;
  mixed.outputs[what] = *track;
  mixed.thread->post([id, track = *track, what](mixer::CodecThread& thread) {
    thread.add_output(id, track, what.owner, what.channel, what.codec);
  });
  return *track;
}

void Mixer::close_room(std::uint64_t id) {
  pictures_.close_room(id);
  organisations_.erase(id);
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return;
  Room& mixed = found->second;
  for (const auto& [track, voice] : mixed.voices)
    mixed.thread->port().leave(track);
  for (const auto& [what, track] : mixed.outputs)
    mixed.thread->port().withdraw(track);
  mixed.thread->post([id](mixer::CodecThread& thread) { thread.close_room(id); });
  rooms_.erase(found);
}

TrackId Mixer::still(std::uint64_t id, StillText text, rtp::Codec codec) {
  return rtp::is_video(codec) ? still_of(look_of(id), text, codec) : 0;
}

TrackId Mixer::still_of(std::shared_ptr<const mixer::Look> look, StillText text, rtp::Codec codec) {
  const StillKey key{look, text, codec};
  if (const auto found = stills_.find(key); found != stills_.end()) return found->second;
  if (look && stills_.size() >= most_stills) forget_stills();
  if (look && stills_.size() >= most_stills) return still_of(nullptr, text, codec);
  mixer::CodecThread& shows = *threads_.front();
  const auto track = shows.port().give({.codec = codec}, true);
  if (!track) return 0;
  stills_[key] = *track;
  shows.post([track = *track](mixer::CodecThread& thread) { thread.expect_still(track); });
  still_maker_.make(mixer::still_style(look.get(), options_.font), mixer::still_lines(look.get(), text),
                    codec, [&shows, track = *track](std::shared_ptr<const mixer::Still> still) {
                      shows.post(
                          [track, still](mixer::CodecThread& thread) { thread.show_still(track, still); });
                    });
  return *track;
}

// Those of looks that no open room has; the house's own stay.
void Mixer::forget_stills() {
  std::set<std::shared_ptr<const mixer::Look>> used{nullptr};
  for (const auto& [id, organisation] : organisations_)
    used.insert(look_of(id));
  mixer::CodecThread& shows = *threads_.front();
  std::erase_if(stills_, [&](const auto& still) {
    if (used.contains(std::get<0>(still.first))) return false;
    shows.port().withdraw(still.second);
    shows.post([track = still.second](mixer::CodecThread& thread) { thread.remove_still(track); });
    return true;
  });
}

void Mixer::speakers_changed(std::uint64_t id, const std::vector<std::uint64_t>& owners) {
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return;
  Room& mixed = found->second;
  mixed.speakers = {owners.begin(), owners.end()};
  if (changed_) changed_(id);
  loop_.after(prune_after_us, [weak = std::weak_ptr<Mixer*>(self_), id] {
    if (const auto self = weak.lock()) (*self)->prune(id);
  });
}

// The tracks of those who have left; slots have been filled anew by now.
void Mixer::prune(std::uint64_t id) {
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return;
  Room& mixed = found->second;
  withdraw_outputs(mixed, [&](const Hearing& what) {
    return what.owner != 0 && !mixed.speakers.contains(what.owner) &&
           std::ranges::none_of(mixed.voices,
                                [&](const auto& voice) { return voice.second.owner == what.owner; });
  });
}

void Mixer::collect(MetricSink& sink) const {
  const auto total = [&](std::string_view name, std::string_view help,
                         Counter mixer::CodecCounters::*counter) {
    std::uint64_t sum = 0;
    for (const auto& thread : threads_)
      sum += (thread->counters().*counter).get();
    sink.counter(name, help, {}, static_cast<double>(sum));
  };
  using C = mixer::CodecCounters;
  std::size_t encoders = 0;
  for (const auto& [id, mixed] : rooms_)
    encoders += mixed.outputs.size();
  sink.gauge("viadux_mixer_rooms", "Rooms with a mix.", {}, static_cast<double>(rooms_.size()));
  sink.gauge("viadux_mixer_tracks", "Tracks that mixes are sent on.", {}, static_cast<double>(encoders));
  total("viadux_mixer_ticks_total", "Turns of 20 ms of the codec threads.", &C::ticks);
  total("viadux_mixer_late_ticks_total",
        "Turns that began more than 10 ms late: codec threads are overloaded.", &C::late_ticks);
  total("viadux_mixer_mixes_total",
        "Times that a room's sound was mixed, 50 a second where somebody listens.", &C::mixes);
  total("viadux_mixer_encodes_total", "Frames of sound encoded.", &C::encodes);
  total("viadux_mixer_shared_packets_total", "Packets that were copies of one encoded for others.",
        &C::shared_packets);
  total("viadux_mixer_dropped_packets_total", "Packets of mixes that found a media worker's ring full.",
        &C::packets_dropped);
  total("viadux_mixer_decodes_total", "Packets of sound decoded.", &C::decoded);
  total("viadux_mixer_skipped_total", "Packets of sound too quiet to decode.", &C::skipped);
  total("viadux_mixer_recovered_total", "Lost packets of sound filled by forward error correction.",
        &C::recovered);
  total("viadux_mixer_concealed_total", "Times that sound was made up for what had not come.", &C::concealed);
  total("viadux_mixer_underruns_total", "Times that a voice had nothing when its sound was due.",
        &C::underruns);
  total("viadux_mixer_still_frames_total", "Frames of still pictures sent.", &C::still_frames);
  pictures_.collect(sink);
  std::uint64_t cpu_us = 0;
  for (const auto& thread : threads_)
    cpu_us += thread->counters().cpu_us.get();
  sink.counter("viadux_mixer_cpu_seconds_total", "CPU time of decoding, mixing and encoding.", {},
               static_cast<double>(cpu_us) / 1e6);
}

} // namespace viadux
