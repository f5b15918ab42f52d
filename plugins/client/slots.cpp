// Clients with many slots: whose picture is in which of their lines.
#include "state.hpp"

namespace client {

namespace documents = viadux::documents;
using viadux::Json;

void State::tell_slots(Room& room, const documents::SessionSlots& slots) {
  const MemberRef member = members.of(slots.participant);
  if (!member) return;
  Json::Array lines;
  for (const documents::FilledSlot& slot : slots.slots) {
    const Person* person = slot.participant ? room.find(slot.participant) : nullptr;
    Json line;
    line.set("mid", slot.mid);
    line.set("content", slot.content == documents::MediaContent::slides ? "slides" : "main");
    line.set("participant_uuid", person ? person->uuid() : std::string());
    lines.push_back(std::move(line));
  }
  Json told;
  told.set("slots", std::move(lines));
  std::string text = format_event("slots", told);
  if (text == member->slots) return;
  member->slots = std::move(text);
  if (!member->waiting) member->tell(member->slots);
}

viadux::Task<void> State::read_slots(MemberRef member) {
  documents::SessionRef which;
  for (const auto& [name, call] : member->calls)
    if (call.many_slots) which.session = call.session;
  if (!which.session) co_return;
  const auto slots = co_await host.call<documents::SessionSlots>("viadux.media", "slots", which);
  if (!slots || member->gone) co_return; // gone: it opens another one
  if (Room* room = room_of(*member)) tell_slots(*room, *slots);
}

} // namespace client
