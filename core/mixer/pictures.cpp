#include "core/mixer/pictures.hpp"

#include <algorithm>

namespace viadux::mixer {

namespace {

constexpr std::size_t most_outputs = 64; // of a room: strangers may ask for as many views as they like

template <class Room>
std::size_t outputs_of(const Room& room) {
  std::size_t count = 0;
  for (const auto& [subject, shown] : room.shown)
    count += shown.outputs.size();
  return count;
}

} // namespace

Result<void> Pictures::start(std::uint32_t threads, Engine& engine, const Clock& clock) {
  for (std::uint32_t i = 0; i < std::max(threads, 1U); ++i) {
    auto port = engine.open_port({}); // it looks by the clock
    if (!port) return port.error();
    auto thread = std::make_unique<PictureThread>(clock, style_);
    thread->start(std::move(*port));
    threads_.push_back(std::move(thread));
  }
  return {};
}

Pictures::Room& Pictures::room(std::uint64_t id) {
  Room& found = rooms_[id];
  if (found.thread == nullptr) { // the thread with the fewest rooms
    std::map<PictureThread*, std::size_t> load;
    for (const auto& [other, each] : rooms_)
      ++load[each.thread];
    found.thread =
        std::ranges::min_element(threads_, {}, [&](const auto& thread) { return load[thread.get()]; })->get();
  }
  return found;
}

TrackId Pictures::view(std::uint64_t id, const MixView& view, rtp::Codec codec) {
  return output(id, {view, 0}, codec);
}

TrackId Pictures::transcoded(std::uint64_t id, TrackId track, rtp::Codec codec) {
  return output(id, {{}, track}, codec);
}

TrackId Pictures::output(std::uint64_t id, const Subject& subject, rtp::Codec codec) {
  if (!rtp::is_video(codec) || threads_.empty()) return 0;
  Room& mixed = room(id);
  Shown& shown = mixed.shown[subject];
  if (shown.canvas == 0) {
    shown.canvas = ++last_canvas_;
    shown.plan.people = SIZE_MAX; // like none that may come: also an empty one has to be told
  }
  shown.asked[codec] = mixed.round;
  if (const auto found = shown.outputs.find(codec); found != shown.outputs.end()) return found->second;
  router::TrackConfig config;
  config.codec = codec;
  config.encodings = static_cast<unsigned>(style_.steps.size());
  for (std::size_t i = 0; i < style_.steps.size(); ++i)
    config.on_demand_bps[i] = style_.steps[i].bitrate_bps;
  if (outputs_of(mixed) >= most_outputs) return 0;
  const auto track = mixed.thread->port().give(config);
  if (!track) return 0;
  shown.outputs[codec] = *track;
  mixed.thread->post([id, track = *track, canvas = shown.canvas, codec](PictureThread& thread) {
    thread.add_output(id, track, canvas, codec);
  });
  return *track;
}

void Pictures::set_scene(std::uint64_t id, const MixScene& scene, std::shared_ptr<const Look> look) {
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return; // nobody has asked for anything
  Room& mixed = found->second;
  forget_unasked(id, mixed);
  ++mixed.round;
  mixed.scene = scene;
  mixed.look = std::move(look);
  arrange(id, mixed);
  take(id, mixed);
  if (mixed.shown.empty()) close_room(id);
}

// By now the slots that had them have been filled with something else.
void Pictures::forget_unasked(std::uint64_t id, Room& mixed) {
  for (auto& [subject, shown] : mixed.shown)
    std::erase_if(shown.outputs, [&, &asked = shown.asked](const auto& output) {
      if (asked[output.first] == mixed.round) return false;
      mixed.thread->port().withdraw(output.second);
      mixed.thread->post([track = output.second](PictureThread& thread) { thread.remove_output(track); });
      return true;
    });
  std::erase_if(mixed.shown, [&](const auto& each) {
    if (!each.second.outputs.empty()) return false;
    mixed.thread->post(
        [id, canvas = each.second.canvas](PictureThread& thread) { thread.room(id).remove_canvas(canvas); });
    return true;
  });
}

CanvasPlan Pictures::plan(const Room& mixed, const Subject& subject, Shown& shown) const {
  const MixScene& scene = mixed.scene;
  CanvasPlan out;
  if (subject.alone != 0) {
    out.layout = Layout::one;
    out.follows = true;
    out.people = 1;
    out.tiles.push_back({.track = subject.alone});
    return out;
  }
  const bool slides = subject.view.slides && scene.slides != 0;
  out.layout = slides ? Layout::slides : subject.view.layout;
  std::vector<std::uint64_t> people, first = scene.first;
  for (const MixPicture& person : scene.people)
    people.push_back(person.owner);
  constexpr std::uint64_t slides_seat = UINT64_MAX; // nobody's handle
  if (slides) {
    people.push_back(slides_seat);
    first.insert(first.begin(), slides_seat);
  }
  const auto& seated = shown.seats.seat({out.layout, people, first, subject.view.not_large});
  out.people = people.size();
  out.text = scene.text;
  out.recorded = scene.recorded;
  out.look = mixed.look;
  for (const std::uint64_t who : seated) {
    if (who == slides_seat) {
      out.tiles.push_back({.track = scene.slides, .slides = true});
      continue;
    }
    const auto person = std::ranges::find(scene.people, who, &MixPicture::owner);
    out.tiles.push_back({.track = person->track,
                         .name = person->name,
                         .speaks = who == scene.speaker,
                         .muted = person->muted,
                         .hand = person->hand});
  }
  return out;
}

void Pictures::arrange(std::uint64_t id, Room& mixed) {
  for (auto& [subject, shown] : mixed.shown) {
    CanvasPlan wanted = plan(mixed, subject, shown);
    if (wanted == shown.plan) continue;
    shown.plan = wanted;
    mixed.thread->post([id, canvas = shown.canvas, wanted](PictureThread& thread) {
      thread.room(id).set_canvas(canvas, wanted, thread.now_us());
    });
  }
}

// What is in no place is not even taken.
void Pictures::take(std::uint64_t id, Room& mixed) {
  std::set<TrackId> needed;
  for (const auto& [subject, shown] : mixed.shown)
    for (const TilePlan& tile : shown.plan.tiles)
      if (tile.track != 0) needed.insert(tile.track);
  std::erase_if(mixed.taken, [&](TrackId track) {
    if (needed.contains(track)) return false;
    mixed.thread->port().leave(track);
    mixed.thread->post([track](PictureThread& thread) { thread.remove_source(track); });
    return true;
  });
  for (const TrackId track : needed) {
    if (mixed.taken.contains(track)) continue;
    leave_elsewhere(id, track);
    const auto config = mixed.thread->port().take(track);
    if (!config) continue; // gone: the meeting will say so, too
    mixed.taken.insert(track);
    const auto person = std::ranges::find(mixed.scene.people, track, &MixPicture::track);
    auto lips = person == mixed.scene.people.end() ? nullptr : lip_syncs_.of(person->owner);
    mixed.thread->post([id, track, codec = config->codec, encodings = config->encodings,
                        lips = std::move(lips)](PictureThread& thread) {
      thread.add_source(id, track, codec, encodings, lips);
    });
  }
}

// Who moves may be told of by the new room first: the old one must not take the track away from it later.
void Pictures::leave_elsewhere(std::uint64_t id, TrackId track) {
  for (auto& [other, mixed] : rooms_) {
    if (other == id || mixed.taken.erase(track) == 0) continue;
    mixed.thread->port().leave(track);
    mixed.thread->post([track](PictureThread& thread) { thread.remove_source(track); });
  }
}

void Pictures::close_room(std::uint64_t id) {
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return;
  Room& mixed = found->second;
  for (const TrackId track : mixed.taken)
    mixed.thread->port().leave(track);
  for (const auto& [subject, shown] : mixed.shown)
    for (const auto& [codec, track] : shown.outputs)
      mixed.thread->port().withdraw(track);
  mixed.thread->post([id](PictureThread& thread) { thread.close_room(id); });
  rooms_.erase(found);
}

void Pictures::collect(MetricSink& sink) const {
  const auto total = [&](std::string_view name, std::string_view help,
                         Counter PictureThreadCounters::*counter) {
    std::uint64_t sum = 0;
    for (const auto& thread : threads_)
      sum += (thread->counters().*counter).get();
    sink.counter(name, help, {}, static_cast<double>(sum));
  };
  using C = PictureThreadCounters;
  std::size_t views = 0, transcoded = 0;
  std::int64_t encoders = 0;
  for (const auto& [id, mixed] : rooms_)
    for (const auto& [subject, shown] : mixed.shown)
      (subject.alone != 0 ? transcoded : views) += shown.outputs.size();
  for (const auto& thread : threads_)
    encoders += thread->encoders();
  std::size_t step = 0;
  double load = 0;
  for (const auto& thread : threads_) {
    step = std::max(step, thread->effort_step());
    load = std::max(load, thread->load());
  }
  sink.gauge(
      "viadux_mixer_pictures_effort_step",
      "What is left out so that the busiest picture thread keeps up: 0 nothing, 1 to 3 pictures a second, 4 "
      "size, 5 small tiles.",
      {}, static_cast<double>(step));
  sink.gauge("viadux_mixer_pictures_load_ratio", "How much of its time the busiest picture thread uses.", {},
             load);
  sink.gauge("viadux_mixer_pictures_rooms", "Rooms in which somebody is shown a picture that is made here.",
             {}, static_cast<double>(rooms_.size()));
  sink.gauge("viadux_mixer_pictures_tracks", "Tracks that composed pictures are sent on.", {},
             static_cast<double>(views));
  sink.gauge("viadux_mixer_pictures_transcoded_tracks",
             "Tracks that one person's picture is sent on in another codec.", {},
             static_cast<double>(transcoded));
  sink.gauge("viadux_mixer_pictures_encoders", "Encoders that run: one for each view, codec and size.", {},
             static_cast<double>(encoders));
  total("viadux_mixer_pictures_ticks_total", "Turns of the picture threads.", &C::ticks);
  total("viadux_mixer_pictures_late_ticks_total", "Turns that began a whole frame late.", &C::late_ticks);
  total("viadux_mixer_pictures_decoded_total", "Frames decoded.", &C::decoded);
  total("viadux_mixer_pictures_damaged_total", "Frames that a decoder refused: a sender's stream is damaged.",
        &C::damaged);
  total("viadux_mixer_pictures_lost_total", "Times that a picture stood still as packets had not come.",
        &C::lost);
  total("viadux_mixer_pictures_malformed_total", "Packets of pictures that cannot be read.", &C::malformed);
  total("viadux_mixer_pictures_composed_total", "Pictures composed.", &C::composed);
  total("viadux_mixer_pictures_encoded_total", "Frames encoded.", &C::encoded);
  total("viadux_mixer_pictures_left_out_total", "Frames that an encoder left out to keep its bit rate.",
        &C::left_out);
  total("viadux_mixer_pictures_key_frames_total", "Key frames encoded.", &C::key_frames);
  total("viadux_mixer_pictures_encoder_failures_total", "Times that an encoder failed and was made anew.",
        &C::encoder_failures);
  total("viadux_mixer_pictures_dropped_packets_total", "Packets that found a media worker's ring full.",
        &C::dropped);
  std::uint64_t cpu_us = 0;
  for (const auto& thread : threads_)
    cpu_us += thread->counters().cpu_us.get();
  sink.counter("viadux_mixer_pictures_cpu_seconds_total",
               "CPU time of decoding, composing and encoding pictures.", {},
               static_cast<double>(cpu_us) / 1e6);
}

} // namespace viadux::mixer
