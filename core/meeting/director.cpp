#include "core/meeting/director.hpp"

#include <algorithm>
#include <tuple>

namespace viadux {
namespace {

bool allows(const MediaRights& rights, MediaKind kind, MediaContent content, bool sending) {
  if (kind == MediaKind::audio) return sending ? rights.send_audio : rights.receive_audio;
  if (content == MediaContent::slides)
    return sending ? rights.send_presentation : rights.receive_presentation;
  return sending ? rights.send_video : rights.receive_video;
}

// In a grid nobody's picture but the speaker's is shown large.
constexpr std::size_t grid_places = 4;
constexpr std::uint16_t grid_height = 360;
constexpr std::uint8_t rest_priority = 2; // neither speaker nor spotlight nor presentation

bool same_fill(const SlotFill& a, const SlotFill& b) {
  return a.track == b.track && a.priority == b.priority && a.max_height == b.max_height;
}

} // namespace

// ---- what is there

void Director::set_participant(ParticipantId participant, std::uint64_t order, const MediaRights& rights) {
  Person& person = people_[participant];
  person.order = order;
  person.rights = rights;
}

void Director::set_presentation_in_picture(ParticipantId participant, bool wanted) {
  if (const auto person = people_.find(participant); person != people_.end())
    person->second.presentation_in_picture = wanted;
}

// An interpreter repeats what others say: following him the large picture would leave those who talk to each
// other, and most do not even hear him. One who is to be large is put in the spotlight.
void Director::set_channels(ParticipantId participant, const std::string& speaks_in,
                            const std::string& hears) {
  const auto found = people_.find(participant);
  if (found == people_.end()) return;
  if (!speaks_in.empty() && found->second.speaks_in.empty()) loudness_.remove(participant);
  found->second.speaks_in = speaks_in;
  found->second.hears = hears;
}

void Director::remove_participant(ParticipantId participant) {
  const auto found = people_.find(participant);
  if (found == people_.end()) return;
  const std::vector<SessionId> sessions = found->second.sessions;
  for (const SessionId session : sessions)
    remove_session(session);
  people_.erase(participant);
  loudness_.remove(participant);
  std::erase(spotlight_, participant);
}

void Director::set_session(ParticipantId participant, const ParticipantSession& session) {
  const auto person = people_.find(participant);
  if (person == people_.end()) return;
  if (!std::ranges::count(person->second.sessions, session.id)) person->second.sessions.push_back(session.id);

  Receiver& receiver = receivers_[session.id];
  receiver.owner = participant;
  receiver.except = session.except;
  receiver.auto_audio = session.auto_audio;
  receiver.auto_video = session.auto_video;
  receiver.layout = session.layout;
  receiver.stills = session.stills;
  std::vector<Slot> slots;
  for (const SlotInfo& info : session.slots) {
    const auto kept = std::ranges::find_if(receiver.slots, [&](const Slot& slot) {
      return slot.info.index == info.index && slot.info.kind == info.kind &&
             slot.info.content == info.content;
    });
    slots.push_back(Slot{info, kept == receiver.slots.end() ? SlotFill{} : kept->fill});
  }
  receiver.slots = std::move(slots);

  std::vector<TrackId> ended;
  for (const auto& [id, track] : tracks_)
    if (track.session == session.id &&
        std::ranges::none_of(session.tracks, [&](const TrackInfo& info) { return info.id == id; }))
      ended.push_back(id);
  for (const TrackId id : ended)
    remove_track(id);
  for (const TrackInfo& info : session.tracks) {
    Track& track = tracks_[info.id];
    if (track.owner == 0) person->second.tracks.push_back(info.id);
    track.info = info;
    track.session = session.id;
    track.owner = participant;
  }
  renumber_cameras(person->second);
}

void Director::remove_session(SessionId session) {
  const auto receiver = receivers_.find(session);
  if (receiver == receivers_.end()) return;
  std::vector<TrackId> ended;
  for (const auto& [id, track] : tracks_)
    if (track.session == session) ended.push_back(id);
  for (const TrackId id : ended)
    remove_track(id);
  if (const auto person = people_.find(receiver->second.owner); person != people_.end())
    std::erase(person->second.sessions, session);
  receivers_.erase(receiver);
}

void Director::remove_track(TrackId id) {
  const auto track = tracks_.find(id);
  if (track == tracks_.end()) return;
  if (const auto person = people_.find(track->second.owner); person != people_.end()) {
    std::erase(person->second.tracks, id);
    renumber_cameras(person->second);
  }
  tracks_.erase(track);
}

void Director::renumber_cameras(Person& person) {
  std::uint32_t camera = 0;
  for (const TrackId id : person.tracks)
    if (Track& track = tracks_.at(id);
        track.info.kind == MediaKind::video && track.info.content == MediaContent::main)
      track.camera = camera++;
}

bool Director::set_active(TrackId id, bool active) {
  const auto track = tracks_.find(id);
  if (track == tracks_.end()) return false;
  if (active && !track->second.active) track->second.began = ++began_;
  track->second.active = active;
  return true;
}

void Director::set_spotlight(std::vector<ParticipantId> spotlight) {
  spotlight_ = std::move(spotlight);
}

bool Director::add_levels(std::span<const AudioLevel> levels, std::int64_t now_us) {
  bool heard = false;
  for (const AudioLevel& level : levels) {
    const auto track = tracks_.find(level.track);
    if (track == tracks_.end() || !may_send(track->second)) continue;
    if (!people_.at(track->second.owner).speaks_in.empty()) continue;
    loudness_.add(track->second.owner, level.minus_dbov, now_us);
    heard = true;
  }
  if (!heard) return false;
  return loudness_.judge(now_us) || audio_scarce_;
}

ParticipantId Director::presenter() const {
  const Track* track = presentation();
  return track ? track->owner : 0;
}

TrackId Director::filled_with(SessionId session, std::uint32_t slot) const {
  const auto receiver = receivers_.find(session);
  if (receiver == receivers_.end()) return 0;
  for (const Slot& each : receiver->second.slots)
    if (each.info.index == slot) return each.fill.track;
  return 0;
}

ParticipantId Director::owner_of(TrackId id) const {
  if (const auto made = made_from_.find(id); made != made_from_.end()) id = made->second;
  const auto track = tracks_.find(id);
  return track == tracks_.end() ? 0 : track->second.owner;
}

bool Director::may_send(const Track& track) const {
  const auto person = people_.find(track.owner);
  return person != people_.end() && allows(person->second.rights, track.info.kind, track.info.content, true);
}

const Director::Track* Director::presentation() const {
  const Track* latest = nullptr;
  for (const auto& [id, track] : tracks_)
    if (track.active && track.info.kind == MediaKind::video && track.info.content == MediaContent::slides &&
        may_send(track) && (!latest || track.began > latest->began))
      latest = &track;
  return latest;
}

// ---- the room's order of preference, the same for all

std::vector<Director::Choice> Director::video_order() const {
  struct Ranked {
    std::uint32_t camera;
    std::uint64_t rank;
    Choice choice;
  };
  std::vector<Ranked> ranked;
  const std::uint64_t speaker_rank = spotlight_.size();
  for (const auto& [id, track] : tracks_) {
    if (!track.active || track.info.kind != MediaKind::video || track.info.content != MediaContent::main ||
        !may_send(track))
      continue;
    const auto spot = std::ranges::find(spotlight_, track.owner);
    std::uint64_t rank = speaker_rank + 2;
    if (spot != spotlight_.end())
      rank = static_cast<std::uint64_t>(spot - spotlight_.begin());
    else if (track.owner == loudness_.speaker())
      rank = speaker_rank;
    else if (track.owner == loudness_.speaker_before())
      rank = speaker_rank + 1;
    const std::uint8_t priority = rank <= speaker_rank ? 0 : rest_priority;
    ranked.push_back({track.camera, rank, {id, track.owner, priority, 0, people_.at(track.owner).order}});
  }
  std::ranges::sort(ranked, [](const Ranked& a, const Ranked& b) {
    return std::tie(a.camera, a.rank, a.choice.order, a.choice.track) <
           std::tie(b.camera, b.rank, b.choice.order, b.choice.track);
  });
  std::vector<Choice> order;
  order.reserve(ranked.size());
  for (const Ranked& each : ranked)
    order.push_back(each.choice);
  return order;
}

void Director::rank_audio(std::int64_t now_us) {
  audio_order_.clear();
  for (auto& [id, track] : tracks_) {
    track.audio_rank = unranked;
    if (!track.active || track.info.kind != MediaKind::audio || !may_send(track)) continue;
    const Person& person = people_.at(track.owner);
    audio_order_.push_back(
        {id, track.owner, 0, loudness_.score(track.owner, now_us), person.order, !person.speaks_in.empty()});
  }
  std::ranges::sort(audio_order_, [](const Choice& a, const Choice& b) {
    return std::tie(b.score, a.order, a.track) < std::tie(a.score, b.order, b.track);
  });
  for (std::size_t i = 0; i < audio_order_.size(); ++i)
    tracks_.at(audio_order_[i].track).audio_rank = i;
}

// ---- each receiver's slots

std::vector<SlotChange> Director::decide(std::int64_t now_us) {
  video_order_ = video_order();
  rank_audio(now_us);
  slides_ = presentation();
  audio_scarce_ = false;
  mixing_ = false;
  mixed_channels_.clear();
  composing_ = false;
  look_again_us_ = 0;
  made_from_.clear();
  std::vector<SlotChange> changes;
  for (auto& [id, receiver] : receivers_)
    decide_receiver(id, receiver, now_us, changes);
  return changes;
}

void Director::decide_receiver(SessionId id, Receiver& receiver, std::int64_t now_us,
                               std::vector<SlotChange>& changes) {
  const MediaRights& rights = people_.at(receiver.owner).rights;
  const Track* slides = slides_;
  if (slides &&
      (slides->owner == receiver.owner || slides->owner == receiver.except || !rights.receive_presentation))
    slides = nullptr;
  std::size_t video_places = 0;
  std::size_t slides_places = 0;
  for (const Slot& slot : receiver.slots)
    if (slot.info.kind == MediaKind::video)
      ++(slot.info.content == MediaContent::slides ? slides_places : video_places);

  std::vector<Choice> presented;
  if (slides) presented.push_back({slides->info.id, slides->owner, 1, 0, 0});
  std::vector<Choice> seen;
  // An older client's second call may be where it watches the presentation.
  const bool beside = slides_places != 0 || watches_slides(receiver.owner);
  if (video_places > 0 && (!beside || people_.at(receiver.owner).presentation_in_picture)) seen = presented;
  const Slot* composed = rights.receive_video ? composed_slot(receiver) : nullptr;
  if (composed != nullptr)
    seen = compose_or_forward(receiver, *composed, !seen.empty(), now_us);
  else if (rights.receive_video)
    for (const Choice& choice : choose(receiver, video_order_, video_places - seen.size()))
      seen.push_back(choice);

  if (seen.empty() && video_places == 1 && receiver.stills) seen = still_for(receiver);

  std::vector<Choice> heard;
  if (rights.receive_audio) {
    const Slot* mixed = mixed_slot(receiver);
    heard = channel_mix(receiver);
    if (heard.empty())
      heard = mixed != nullptr ? mix_or_forward(receiver, *mixed, now_us) : choose_audio(receiver);
  }
  place(id, receiver, MediaKind::audio, MediaContent::main, std::move(heard), changes);
  make_readable(receiver, MediaContent::main, seen);
  make_readable(receiver, MediaContent::slides, presented);
  place(id, receiver, MediaKind::video, MediaContent::main, std::move(seen), changes);
  place(id, receiver, MediaKind::video, MediaContent::slides, std::move(presented), changes);
}

bool Director::watches_slides(ParticipantId participant) const {
  return std::ranges::any_of(people_.at(participant).sessions, [this](SessionId session) {
    return std::ranges::any_of(receivers_.at(session).slots, [](const Slot& slot) {
      return slot.info.kind == MediaKind::video && slot.info.content == MediaContent::slides;
    });
  });
}

std::vector<Director::Choice> Director::choose(const Receiver& receiver, std::span<const Choice> order,
                                               std::size_t places) const {
  std::vector<Choice> chosen;
  for (const Choice& choice : order) {
    if (chosen.size() == places) break;
    if (choice.owner != receiver.owner && choice.owner != receiver.except) chosen.push_back(choice);
  }
  return chosen;
}

// Starts from who is heard now and exchanges one only for somebody clearly louder: an order that is sorted
// anew with every report would make voices jump between slots. Looks at the top of the order only, not at
// everybody.
std::vector<Director::Choice> Director::choose_audio(const Receiver& receiver) {
  const auto other = [&](const Choice& choice) { return is_on_floor(receiver, choice); };
  std::size_t places = 0;
  std::vector<Choice> kept;
  for (const Slot& slot : receiver.slots) {
    if (slot.info.kind != MediaKind::audio) continue;
    ++places;
    const auto track = tracks_.find(slot.fill.track);
    if (track == tracks_.end() || track->second.audio_rank == unranked) continue;
    const Choice& choice = audio_order_[track->second.audio_rank];
    if (other(choice)) kept.push_back(choice);
  }
  if (places == 0) return kept;
  std::vector<Choice> outside; // the loudest first; more than `places` of them can never be needed
  for (const Choice& choice : audio_order_) {
    if (!other(choice) || std::ranges::count(kept, choice.track, &Choice::track)) continue;
    if (outside.size() == places) {
      audio_scarce_ = true;
      break;
    }
    outside.push_back(choice);
  }
  std::size_t next = 0;
  while (kept.size() < places && next < outside.size())
    kept.push_back(outside[next++]);
  if (next < outside.size()) audio_scarce_ = true;
  for (; next < outside.size(); ++next) {
    const auto weakest = std::ranges::min_element(kept, {}, &Choice::score);
    if (outside[next].score < std::max(weakest->score + Loudness::margin, Loudness::speech)) break;
    *weakest = outside[next];
  }
  return kept;
}

void Director::place(SessionId id, Receiver& receiver, MediaKind kind, MediaContent content,
                     std::vector<Choice> chosen, std::vector<SlotChange>& changes) {
  const auto mine = [&](const Slot& slot) {
    return slot.info.kind == kind && (kind == MediaKind::audio || slot.info.content == content);
  };
  const bool grid = kind == MediaKind::video && content == MediaContent::main &&
                    std::ranges::count_if(receiver.slots, mine) >= static_cast<std::ptrdiff_t>(grid_places);
  const auto fill_of = [&](const Choice& choice) {
    const bool small = grid && choice.priority == rest_priority;
    return SlotFill{choice.track, choice.priority, small ? grid_height : std::uint16_t{0}};
  };
  const auto fill = [&](Slot& slot, const SlotFill& wanted) {
    if (same_fill(slot.fill, wanted)) return;
    if (slot.fill.track && wanted.track && slot.fill.track != wanted.track) ++switches_;
    slot.fill = wanted;
    changes.push_back({id, slot.info.index, wanted});
  };
  // Who is in a slot and still chosen stays there.
  std::vector<Slot*> free;
  for (Slot& slot : receiver.slots) {
    if (!mine(slot)) continue;
    const auto stays = std::ranges::find_if(
        chosen, [&](const Choice& choice) { return slot.fill.track && choice.track == slot.fill.track; });
    if (stays == chosen.end()) {
      free.push_back(&slot);
      continue;
    }
    fill(slot, fill_of(*stays));
    chosen.erase(stays);
  }
  std::size_t next = 0;
  for (Slot* slot : free) {
    if (next < chosen.size()) {
      fill(*slot, fill_of(chosen[next]));
      ++next;
    } else {
      fill(*slot, SlotFill{});
    }
  }
}

} // namespace viadux
