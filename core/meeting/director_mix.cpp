// The director's part for clients with one line of a kind: mix or forward, and stills.
#include "core/meeting/director.hpp"

#include <algorithm>

namespace viadux {

std::vector<MixVoice> Director::voices() const {
  std::vector<MixVoice> voices;
  if (!mixing_) return voices;
  for (const Choice& choice : audio_order_) {
    const std::string& channel = people_.at(choice.owner).speaks_in;
    if (!choice.in_channel || mixed_channels_.contains(channel))
      voices.push_back({choice.track, choice.owner, channel});
  }
  std::ranges::sort(voices, {}, &MixVoice::track);
  return voices;
}

// The slot to mix for, if the session wants that and has exactly one.
const Director::Slot* Director::mixed_slot(const Receiver& receiver) const {
  if (!receiver.auto_audio || !made_.mix) return nullptr;
  const Slot* only = nullptr;
  for (const Slot& slot : receiver.slots) {
    if (slot.info.kind != MediaKind::audio) continue;
    if (only != nullptr) return nullptr;
    only = &slot;
  }
  return only != nullptr && !only->info.codecs.empty() ? only : nullptr;
}

bool Director::is_on_floor(const Receiver& receiver, const Choice& choice) const {
  return !choice.in_channel && choice.owner != receiver.owner && choice.owner != receiver.except;
}

// Empty for who hears the floor, and where nothing can be mixed: the floor is better than nothing.
std::vector<Director::Choice> Director::channel_mix(const Receiver& receiver) {
  const std::string& channel = people_.at(receiver.owner).hears;
  if (channel.empty() || !made_.mix) return {};
  const auto slot =
      std::ranges::find(receiver.slots, MediaKind::audio, [](const Slot& each) { return each.info.kind; });
  if (slot == receiver.slots.end() || slot->info.codecs.empty()) return {};
  const ParticipantId without = receiver.except != 0 ? receiver.except : receiver.owner;
  const TrackId mix = made_.mix(without, channel, slot->info.codecs.front());
  if (mix == 0) return {};
  mixing_ = true;
  mixed_channels_.insert(channel);
  return {Choice{mix, 0, 0, 0, 0}};
}

std::vector<Director::Choice> Director::mix_or_forward(Receiver& receiver, const Slot& slot,
                                                       std::int64_t now_us) {
  std::vector<Choice> others;
  for (const Choice& choice : audio_order_) {
    if (!is_on_floor(receiver, choice)) continue;
    others.push_back(choice);
    if (others.size() == 2) break; // more make no difference
  }
  if (others.size() > 1) receiver.crowd_us = now_us;
  const bool held = now_us - receiver.crowd_us < mix_hold_us;
  if (others.empty() && !held) return others;
  const bool agree = others.size() == 1 &&
                     std::ranges::count(slot.info.codecs, tracks_.at(others.front().track).info.codec) != 0;
  if (agree && !held) return others;
  audio_scarce_ |= held && others.size() < 2; // look again when the time is over
  const ParticipantId without = receiver.except != 0 ? receiver.except : receiver.owner;
  const TrackId mix = made_.mix(without, "", slot.info.codecs.front());
  if (mix == 0) return others; // better one voice than none
  mixing_ = true;
  return {Choice{mix, 0, 0, 0, 0}};
}

MixScene Director::scene() const {
  MixScene scene;
  if (!composing_) return scene;
  for (const Choice& choice : video_order_) {
    // One picture for each: first cameras come first in the order.
    if (std::ranges::count(scene.people, choice.owner, &MixPicture::owner) != 0) continue;
    scene.people.push_back({.track = choice.track, .owner = choice.owner});
    scene.first.push_back(choice.owner);
  }
  // The spotlight, the speaker and the one before: beyond these, who sits stays.
  scene.first.resize(std::min(scene.first.size(), spotlight_.size() + 2));
  std::ranges::sort(scene.people, {},
                    [this](const MixPicture& each) { return people_.at(each.owner).order; });
  scene.speaker = loudness_.speaker();
  if (slides_ != nullptr) scene.slides = slides_->info.id;
  return scene;
}

// What the receiver could not read it gets transcoded.
void Director::make_readable(const Receiver& receiver, MediaContent content, std::vector<Choice>& chosen) {
  if (!made_.transcoded) return;
  const auto slot = std::ranges::find_if(receiver.slots, [&](const Slot& each) {
    return each.info.kind == MediaKind::video && each.info.content == content;
  });
  if (slot == receiver.slots.end() || slot->info.codecs.empty()) return;
  for (Choice& choice : chosen) {
    const auto track = tracks_.find(choice.track);
    if (track == tracks_.end()) continue; // made for it already
    const TrackInfo& info = track->second.info;
    if (std::ranges::count(slot->info.codecs, info.codec) != 0 &&
        (info.codec != rtp::Codec::h264 || info.packetization_mode <= slot->info.packetization_mode))
      continue; // RFC 6184 section 6.3: a receiver of mode 1 takes mode 0 as well
    const TrackId made = made_.transcoded(choice.track, slot->info.codecs.front());
    if (made == 0) continue; // the slot stays empty, which is counted
    made_from_[made] = choice.track;
    choice.track = made;
  }
}

// The slot to compose for, if the session wants that and has exactly one picture.
const Director::Slot* Director::composed_slot(const Receiver& receiver) const {
  if (!receiver.auto_video || !made_.view) return nullptr;
  const Slot* only = nullptr;
  for (const Slot& slot : receiver.slots) {
    if (slot.info.kind != MediaKind::video || slot.info.content != MediaContent::main) continue;
    if (only != nullptr) return nullptr;
    only = &slot;
  }
  return only != nullptr && !only->info.codecs.empty() ? only : nullptr;
}

// Among those who are shown large, as scene() has them first.
bool Director::is_large(ParticipantId who, std::size_t places) const {
  ParticipantId before = 0;
  for (const Choice& choice : video_order_) {
    if (choice.owner == before) continue; // another camera
    if (places-- == 0) return false;
    if (choice.owner == who) return true;
    before = choice.owner;
  }
  return false;
}

// `slides`: the presentation is to be in this picture, too.
std::vector<Director::Choice> Director::compose_or_forward(Receiver& receiver, const Slot& slot, bool slides,
                                                           std::int64_t now_us) {
  std::vector<Choice> others;
  if (slides) others.push_back({slides_->info.id, slides_->owner, 1, 0, 0});
  for (const Choice& choice : video_order_) {
    if (others.size() == 2) break; // more make no difference
    if (choice.owner == receiver.owner || choice.owner == receiver.except) continue;
    others.push_back(choice);
  }
  if (others.size() > 1) receiver.picture_crowd_us = now_us;
  const bool held = now_us - receiver.picture_crowd_us < mix_hold_us;
  if (others.empty() || (others.size() == 1 && !held)) return others;
  if (others.size() < 2) {
    const std::int64_t over_us = receiver.picture_crowd_us + mix_hold_us;
    look_again_us_ = look_again_us_ == 0 ? over_us : std::min(look_again_us_, over_us);
  }
  const ParticipantId without = receiver.except != 0 ? receiver.except : receiver.owner;
  MixView view{.layout = receiver.layout.value_or(layout_), .slides = slides};
  if (!slides && is_large(without, large_count(view.layout))) view.not_large = without;
  const TrackId track = made_.view(view, slot.info.codecs.front());
  if (track == 0) {
    others.resize(1); // better one picture than none
    return others;
  }
  composing_ = true;
  return {Choice{track, 0, 0, 0, 0}};
}

std::vector<Director::Choice> Director::still_for(const Receiver& receiver) const {
  if (!made_.still) return {};
  const auto slot = std::ranges::find_if(receiver.slots, [](const Slot& each) {
    return each.info.kind == MediaKind::video && each.info.content == MediaContent::main;
  });
  if (slot == receiver.slots.end() || slot->info.codecs.empty()) return {};
  // In the lobby nobody may do anything at all.
  const auto waits = [](const MediaRights& rights) {
    return !rights.receive_audio && !rights.receive_video && !rights.receive_presentation &&
           !rights.send_audio && !rights.send_video && !rights.send_presentation;
  };
  const bool alone = std::ranges::none_of(people_, [&](const auto& person) {
    return person.first != receiver.owner && person.first != receiver.except && !waits(person.second.rights);
  });
  const StillText text = waits(people_.at(receiver.owner).rights) ? StillText::waiting_for_host
                         : alone                                  ? StillText::alone
                                                                  : StillText::camera_off;
  const TrackId still = made_.still(text, slot->info.codecs.front());
  if (still == 0) return {};
  return {Choice{still, 0, 0, 0, 0}};
}

} // namespace viadux
