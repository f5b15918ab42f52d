// The part of Rooms by which people steer a meeting: who may, and time.
#include "core/meeting/documents.hpp"
#include "core/meeting/room_row.hpp"
#include "core/meeting/rooms.hpp"

namespace viadux {
namespace {

constexpr std::int64_t tick_us = 1'000'000;

} // namespace

// ---- who may

RoomId Rooms::family_of(RoomId room) const {
  const Meeting* meeting = meetings_.find(room);
  return meeting && meeting->breakout() ? meeting->breakout()->parent : room;
}

Result<void> Rooms::may_steer(ParticipantId by, RoomId room) const {
  if (!meetings_.find(room)) return refusal(Reason::room_gone, "room");
  if (by == 0) return {};
  const Participant* host = context_.participants.find(by);
  if (!host) return refusal(Reason::participant_gone, "by");
  if (host->role != Role::host || host->presence != Presence::meeting ||
      family_of(host->room) != family_of(room))
    return refusal(Reason::host_only);
  return {};
}

Result<void> Rooms::may_act(ParticipantId by, ParticipantId on) const {
  const Participant* participant = context_.participants.find(on);
  if (!participant) return refusal(Reason::participant_gone, "participant");
  if (by == on) return {};
  return may_steer(by, participant->room);
}

template <class Act>
Result<void> Rooms::with(ParticipantId id, Act act) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone, "participant");
  if constexpr (std::is_void_v<decltype(act(*meeting, *participant))>) {
    act(*meeting, *participant);
    return {};
  } else {
    return act(*meeting, *participant);
  }
}

template <class Act>
Result<void> Rooms::in(RoomId room, Act act) {
  Meeting* meeting = meetings_.find(room);
  if (!meeting) return refusal(Reason::room_gone, "room");
  act(*meeting);
  return {};
}

// ---- participants

Result<void> Rooms::let_in(ParticipantId id) {
  return with(id, [](Meeting& meeting, Participant& who) { return meeting.let_in(who); });
}
Result<void> Rooms::set_role(ParticipantId id, Role role) {
  return with(id, [role](Meeting& meeting, Participant& who) { meeting.set_role(who, role); });
}
Result<void> Rooms::set_muted(ParticipantId id, std::optional<bool> audio, std::optional<bool> video,
                              ParticipantId by) {
  return with(id,
              [&](Meeting& meeting, Participant& who) { return meeting.set_muted(who, audio, video, by); });
}
Result<void> Rooms::set_rights(ParticipantId id, const MediaRights& rights) {
  return with(id, [&](Meeting& meeting, Participant& who) { meeting.set_rights(who, rights); });
}
Result<void> Rooms::set_presentation(ParticipantId id, std::optional<bool> denied,
                                     std::optional<bool> in_picture) {
  return with(id,
              [&](Meeting& meeting, Participant& who) { meeting.set_presentation(who, denied, in_picture); });
}
Result<void> Rooms::set_channels(ParticipantId id, const std::optional<std::string>& speaks_in,
                                 const std::optional<std::string>& hears) {
  return with(
      id, [&](Meeting& meeting, Participant& who) { return meeting.set_channels(who, speaks_in, hears); });
}
Result<void> Rooms::set_client_state(ParticipantId id, std::optional<bool> audio, std::optional<bool> video) {
  return with(id, [&](Meeting& meeting, Participant& who) { meeting.set_client_state(who, audio, video); });
}
Result<void> Rooms::rename(ParticipantId id, std::string display_name) {
  return with(id, [&](Meeting& meeting, Participant& who) {
    meeting.rename(who, cut_name(std::move(display_name)));
  });
}
Result<void> Rooms::raise_hand(ParticipantId id, bool raised) {
  return with(id, [raised](Meeting& meeting, Participant& who) { meeting.raise_hand(who, raised); });
}
Result<void> Rooms::take_floor(ParticipantId id) {
  return with(id, [](Meeting& meeting, Participant& who) { return meeting.take_floor(who); });
}
Result<void> Rooms::release_floor(ParticipantId id) {
  return with(id, [](Meeting& meeting, Participant& who) { meeting.release_floor(who); });
}
Result<void> Rooms::send_message(ParticipantId from, const ChatMessage& message) {
  return with(from, [&](Meeting& meeting, Participant& who) -> Result<void> {
    if (message.room == 0 || message.room == meeting.id()) return meeting.send_message(who, message);
    if (auto may = may_steer(from, message.room); !may) return may;
    if (auto good = meeting.judge_message(who, message); !good) return good;
    meetings_.find(message.room)->tell_message(who, message);
    return {};
  });
}

Result<void> Rooms::send_digits(ParticipantId from, ParticipantId to, const std::string& digits) {
  const auto [meeting, who] = whereabouts(from);
  if (!who) return refusal(Reason::participant_gone, "from");
  if (digits.empty() || digits.size() > 64 || digits.find_first_not_of("0123456789*#ABCDabcd") != digits.npos)
    return refusal(Reason::message_malformed, "digits");
  if (to != 0) {
    const Participant* other = context_.participants.find(to);
    if (!other) return refusal(Reason::participant_gone, "to");
    if (who->presence != Presence::meeting) return refusal(Reason::in_lobby);
    if (other->room != who->room)
      if (auto may = may_steer(from, other->room); !may) return may;
  }
  if (!who->messages.take(1, parts_.loop.clock().now_us())) return refusal(Reason::messages_slowed);
  parts_.events.publish(meeting->id(), "digits", EventDocument(digits_document(from, to, digits)));
  return {};
}

// ---- meetings

Result<void> Rooms::set_locked(RoomId room, bool locked) {
  return in(room, [locked](Meeting& meeting) { meeting.set_locked(locked); });
}
Result<void> Rooms::set_spotlight(RoomId room, std::vector<ParticipantId> spotlight) {
  return in(room, [&](Meeting& meeting) { meeting.set_spotlight(std::move(spotlight)); });
}
Result<void> Rooms::start(RoomId room) {
  return in(room, [](Meeting& meeting) { meeting.start(); });
}
Result<void> Rooms::mute_guests(RoomId room, bool muted) {
  return in(room, [muted](Meeting& meeting) { meeting.mute_guests(muted); });
}
Result<void> Rooms::lower_all_hands(RoomId room) {
  return in(room, [](Meeting& meeting) { meeting.lower_all_hands(); });
}
Result<void> Rooms::set_guests_can_unmute(RoomId room, bool allowed) {
  return in(room, [allowed](Meeting& meeting) { meeting.set_guests_can_unmute(allowed); });
}
Result<void> Rooms::set_guests_can_present(RoomId room, bool allowed) {
  return in(room, [allowed](Meeting& meeting) { meeting.set_guests_can_present(allowed); });
}
Result<void> Rooms::set_text(RoomId room, std::string text) {
  return in(room, [&](Meeting& meeting) { meeting.set_text(std::move(text)); });
}
Result<void> Rooms::set_layout(RoomId room, Layout layout) {
  return in(room, [layout](Meeting& meeting) { meeting.set_layout(layout); });
}

// ---- time

void Rooms::extend(RoomId id, std::int64_t ends_ms, Done<void> done) {
  Meeting* meeting = meetings_.find(id);
  if (!meeting) return answer<void>(std::move(done), refusal(Reason::room_gone, "room"));
  if (ends_ms < 0 || (ends_ms != 0 && ends_ms <= parts_.loop.clock().wall_ms()))
    return answer<void>(std::move(done), refusal(Reason::room_malformed, "ends_ms", "give a time to come"));
  meeting->set_ends_ms(ends_ms);
  const Room& room = meeting->room();
  if (meeting->breakout() || room.on_demand) return answer<void>(std::move(done), Result<void>{});
  // Also in the store: a restart must not bring the old end back.
  parts_.store.find(room.organisation, room.alias,
                    [this, alive = alive_, ends_ms, done = std::move(done)](Result<store::RoomRow> row) {
                      if (!*alive) return done(refusal(Reason::server_stopping));
                      if (!row) return answer<void>(done, row.error());
                      row->expires_ms = ends_ms;
                      parts_.store.update(*row, done);
                    });
}

void Rooms::arm_tick() {
  if (tick_ == 0) tick_ = parts_.loop.after(tick_us, [this] { tick(); });
}

void Rooms::tick() {
  tick_ = 0;
  for (const RoomId id : meetings()) {
    Meeting* meeting = meetings_.find(id);
    if (!meeting) continue; // went with its parent
    if (const std::optional<Reason> over = meeting->tick(breakouts_occupied(*meeting))) {
      static_cast<void>(meeting->breakout() ? close_breakout(id) : end(id, *over));
      continue;
    }
    std::vector<std::pair<ParticipantId, Reason>> leaving;
    for (const ParticipantId participant : meeting->members())
      if (const auto overdue = meeting->overdue(*context_.participants.find(participant)))
        leaving.emplace_back(participant, *overdue);
    for (const auto& [participant, reason] : leaving)
      static_cast<void>(leave(participant, reason));
  }
  if (meetings_.size() > 0) arm_tick();
}

} // namespace viadux
