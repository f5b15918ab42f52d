// The director's part for clients with one line of a kind: mix or forward, and stills.
#include "core/meeting/director.hpp"

#include <algorithm>

namespace viadux {

std::vector<MixVoice> Director::voices() const {
  std::vector<MixVoice> voices;
  if (!mixing_) return voices;
  for (const Choice& choice : audio_order_)
    voices.push_back({choice.track, choice.owner});
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

std::vector<Director::Choice> Director::mix_or_forward(Receiver& receiver, const Slot& slot,
                                                       std::int64_t now_us) {
  std::vector<Choice> others;
  for (const Choice& choice : audio_order_) {
    if (choice.owner == receiver.owner || choice.owner == receiver.except) continue;
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
  const TrackId mix = made_.mix(without, slot.info.codecs.front());
  if (mix == 0) return others; // better one voice than none
  mixing_ = true;
  return {Choice{mix, 0, 0, 0, 0}};
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
