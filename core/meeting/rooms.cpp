#include "core/meeting/rooms.hpp"

#include "core/log/log.hpp"
#include "core/meeting/documents.hpp"
#include "core/meeting/room_row.hpp"

#include <algorithm>

namespace viadux {

std::size_t Rooms::KeyHash::operator()(const Key& key) const {
  return std::hash<std::string>()(key.first) * 31 + std::hash<std::string>()(key.second);
}

Rooms::Rooms(Parts parts, MeetingOptions options, GuessLimits guesses)
    : parts_(std::move(parts)),
      context_{.loop = parts_.loop, .media = parts_.media, .events = parts_.events, .options = options},
      guesses_(guesses) {
  counters_.refused.resize(all_reasons().size());
  counters_.gone.resize(all_reasons().size());
  context_.host_in_breakouts = [this](RoomId room) { return host_in_breakouts(room); };
  parts_.media.set_listener(this);
  context_.mixer = parts_.mixer;
  if (parts_.mixer != nullptr)
    parts_.mixer->on_change([this](std::uint64_t room) {
      if (Meeting* running = meetings_.find(room)) running->mix_changed();
    });
  parts_.events.set_snapshot_source(
      [this](std::uint64_t room, std::uint64_t after) -> std::optional<std::string> {
        const Meeting* found = meeting(room);
        if (!found) return std::nullopt;
        return snapshot_document(*found, context_.participants, after);
      });
}

Rooms::~Rooms() {
  *alive_ = false;
  parts_.media.set_listener(nullptr);
  if (parts_.mixer != nullptr) parts_.mixer->on_change({});
  parts_.events.set_snapshot_source(nullptr);
  if (tick_) parts_.loop.cancel(tick_);
}

Error Rooms::refuse(Reason reason, std::string field, std::string hint) {
  ++counters_.refused[static_cast<std::size_t>(reason)];
  return refusal(reason, std::move(field), std::move(hint));
}

// ---- rooms

void Rooms::create(NewRoom wanted, Done<RoomInfo> done) {
  const OrganisationLimits limits = parts_.organisation(wanted.organisation);
  if (!limits.known) return answer<RoomInfo>(std::move(done), refuse(Reason::room_unknown, "organisation"));
  if (!alias_ok(wanted.alias))
    return answer<RoomInfo>(std::move(done), refuse(Reason::alias_malformed, "alias"));
  if (const auto pins = check_pins(wanted.pins); !pins)
    return answer<RoomInfo>(std::move(done), pins.error());
  RoomInfo info;
  info.room = Room{new_room_id(),           std::move(wanted.organisation),
                   std::move(wanted.alias), std::move(wanted.settings),
                   std::move(wanted.pins),  wanted.opens_ms,
                   wanted.expires_ms,       false};
  const store::RoomCaps caps{limits.rooms_max, limits.rooms_on_demand_max};
  parts_.store.add(to_row(info.room, parts_.loop.clock().wall_ms()), caps,
                   [this, alive = alive_, info, done = std::move(done)](const Result<void>& added) {
                     if (!*alive) return done(refusal(Reason::server_stopping));
                     if (!added) return answer<RoomInfo>(done, added.error());
                     answer<RoomInfo>(done, info);
                   });
}

void Rooms::redefine(const NewRoom& wanted, Done<void> done) {
  if (const auto pins = check_pins(wanted.pins); !pins) return answer<void>(std::move(done), pins.error());
  const auto found = [this, alive = alive_, wanted,
                      done = std::move(done)](const Result<store::RoomRow>& row) {
    if (!*alive) return done(refusal(Reason::server_stopping));
    if (!row) return answer<void>(done, row.error());
    // What somebody may have damaged by hand is replaced, so the row is not read as a room first.
    const Room room{row->id,     row->organisation, row->alias,        wanted.settings,
                    wanted.pins, wanted.opens_ms,   wanted.expires_ms, false};
    // Nobody is in it any longer: who comes next is to find it as it is now.
    if (const Meeting* meeting = running({row->organisation, row->alias}); meeting && idle(*meeting))
      static_cast<void>(end(meeting->id(), Reason::nobody_left));
    parts_.store.update(to_row(room, row->created_ms), done);
  };
  parts_.store.find(wanted.organisation, wanted.alias, found);
}

void Rooms::find(std::string organisation, std::string alias, Done<RoomInfo> done) {
  parts_.store.find(std::move(organisation), std::move(alias),
                    [this, alive = alive_, done = std::move(done)](auto row) {
                      if (!*alive) return done(refusal(Reason::server_stopping));
                      if (!row) return answer<RoomInfo>(done, row.error());
                      Result<Room> room = to_room(*row);
                      if (!room) return answer<RoomInfo>(done, room.error());
                      RoomInfo info{*room, 0, 0};
                      if (const Meeting* meeting = running({room->organisation, room->alias})) {
                        info.running = meeting->id();
                        info.participants = meeting->members().size();
                      }
                      answer<RoomInfo>(done, info);
                    });
}

void Rooms::remove(std::string organisation, std::string alias, Done<void> done) {
  find(std::move(organisation), std::move(alias), [this, alive = alive_, done = std::move(done)](auto found) {
    if (!*alive) return done(refusal(Reason::server_stopping));
    if (!found) return done(found.error());
    if (found->running) static_cast<void>(end(found->running, Reason::room_closed));
    parts_.store.remove(found->room.id, [this, alive, done](const Result<void>& removed) {
      if (!*alive) return done(refusal(Reason::server_stopping));
      answer<void>(done, removed);
    });
  });
}

const Participant* Rooms::participant(ParticipantId id) const {
  return context_.participants.find(id);
}

// ---- meetings

Result<void> Rooms::end(RoomId room, Reason reason) {
  const Meeting* meeting = meetings_.find(room);
  if (!meeting) return refusal(Reason::room_gone);
  const std::vector<RoomId> breakouts = meeting->breakouts();
  for (const RoomId breakout : breakouts)
    static_cast<void>(end(breakout, reason));
  const std::vector<ParticipantId> members = meeting->members();
  for (const ParticipantId participant : members)
    take_out(*meetings_.find(room), *context_.participants.find(participant), reason);
  end_meeting(*meetings_.find(room));
  return {};
}

void Rooms::end_all() {
  stopping_ = true;
  for (const RoomId room : meetings())
    static_cast<void>(end(room, Reason::server_stopping));
}

const Meeting* Rooms::meeting(RoomId room) const {
  return meetings_.find(room);
}

std::vector<RoomId> Rooms::meetings() const {
  std::vector<RoomId> ids;
  ids.reserve(running_.size());
  for (const auto& [key, id] : running_) {
    ids.push_back(id);
    const std::vector<RoomId>& breakouts = meetings_.find(id)->breakouts();
    ids.insert(ids.end(), breakouts.begin(), breakouts.end());
  }
  std::ranges::sort(ids);
  return ids;
}

Meeting* Rooms::running(const Key& key) {
  const auto found = running_.find(key);
  return found == running_.end() ? nullptr : meetings_.find(found->second);
}

std::pair<Meeting*, Participant*> Rooms::whereabouts(ParticipantId id) {
  Participant* participant = context_.participants.find(id);
  if (!participant) return {nullptr, nullptr};
  return {meetings_.find(participant->room), participant};
}

std::pair<Meeting*, Participant*> Rooms::holder_of(SessionId session) {
  const auto found = context_.sessions.find(session);
  if (found == context_.sessions.end()) return {nullptr, nullptr};
  return whereabouts(found->second);
}

// In the order of its words: told, forgotten by whoever knows it, gone.
void Rooms::end_meeting(Meeting& meeting) {
  const RoomId id = meeting.id();
  parts_.events.publish(id, "meeting_ended", EventDocument(meeting_document(meeting)));
  if (const auto& traits = meeting.breakout()) {
    if (Meeting* parent = meetings_.find(traits->parent)) parent->remove_breakout(id);
  } else {
    if (meeting.room().on_demand)
      parts_.store.remove(meeting.room().id,
                          [](const Result<void>&) {}); // what stays for any reason, the sweeper takes
    running_.erase({meeting.room().organisation, meeting.room().alias});
  }
  meetings_.take(id);
}

} // namespace viadux
