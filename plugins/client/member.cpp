#include "member.hpp"

namespace client {

void Member::tell_once(std::shared_ptr<const std::string> text, std::int64_t now_us) {
  if (feed.write(*text)) return;
  forget_old(now_us);
  unwritten_bytes += text->size();
  unwritten.push_back({now_us, std::move(text)});
  while (unwritten.size() > most_remembered || unwritten_bytes > most_remembered_bytes)
    forget_first();
}

void Member::write_missed(std::int64_t now_us) {
  forget_old(now_us);
  while (!unwritten.empty() && feed.write(*unwritten.front().text))
    forget_first();
}

void Member::forget_old(std::int64_t now_us) {
  while (!unwritten.empty() && now_us - unwritten.front().at_us > remembered_us)
    forget_first();
}

void Member::forget_first() {
  unwritten_bytes -= unwritten.front().text->size();
  unwritten.pop_front();
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
