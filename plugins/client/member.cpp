#include "member.hpp"

namespace client {

void Member::tell_once(std::string text, std::int64_t now_us) {
  if (feed.write(text)) return;
  unwritten.push_back({now_us, std::move(text)});
  if (unwritten.size() > most_remembered) unwritten.pop_front();
}

void Member::write_missed(std::int64_t now_us) {
  while (!unwritten.empty()) {
    const Happening& next = unwritten.front();
    if (now_us - next.at_us <= remembered_us && !feed.write(next.text)) return;
    unwritten.pop_front();
  }
}

bool Member::has_video() const {
  return std::ranges::any_of(calls, [](const auto& entry) { return entry.second.has_video; });
}

MemberRef Members::find(const std::string& uuid) const {
  const auto found = by_uuid_.find(uuid);
  return found == by_uuid_.end() ? nullptr : found->second;
}

MemberRef Members::of(viadux::Handle participant) const {
  const auto found = by_participant_.find(participant.value);
  return found == by_participant_.end() ? nullptr : found->second;
}

void Members::add(MemberRef member) {
  by_participant_[member->participant.value] = member;
  by_uuid_[member->uuid] = std::move(member);
}

void Members::remove(const Member& member) {
  by_participant_.erase(member.participant.value);
  by_uuid_.erase(std::string(member.uuid));
}

void Members::let_go(Member& member, std::int64_t now_us) {
  by_participant_.erase(member.participant.value);
  member.gone = true;
  member.gone_us = now_us;
  member.calls.clear();
}

std::vector<MemberRef> Members::all() const {
  std::vector<MemberRef> copy;
  copy.reserve(by_uuid_.size());
  for (const auto& [uuid, member] : by_uuid_)
    copy.push_back(member);
  return copy;
}

} // namespace client
