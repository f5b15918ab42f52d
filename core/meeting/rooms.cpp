#include "core/meeting/rooms.hpp"

#include "core/log/log.hpp"
#include "core/meeting/documents.hpp"
#include "core/meeting/room_row.hpp"

#include <algorithm>

namespace viadux {
namespace {

constexpr std::int64_t tick_us = 1'000'000;
constexpr std::size_t longest_name = 128;
constexpr std::int64_t on_demand_days_ms = 24LL * 3600 * 1000;

// Cuts at a character's border, so that the rest is still UTF-8.
std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
    --most;
  text.resize(most);
  return text;
}

bool reached(std::size_t have, std::uint32_t cap) {
  return cap != 0 && have >= cap;
}

} // namespace

std::size_t Rooms::KeyHash::operator()(const Key& key) const {
  return std::hash<std::string>()(key.first) * 31 + std::hash<std::string>()(key.second);
}

Rooms::Rooms(Parts parts, MeetingOptions options, GuessLimits guesses)
    : parts_(std::move(parts)), context_{parts_.loop, parts_.media, parts_.events, options, {}, {}, {}},
      guesses_(guesses) {
  counters_.refused.resize(all_reasons().size());
  counters_.gone.resize(all_reasons().size());
  parts_.media.set_listener(this);
  context_.mixer = parts_.mixer;
  if (parts_.mixer != nullptr)
    parts_.mixer->on_change([this](std::uint64_t room) {
      if (Meeting* running = meetings_.find(room)) running->mix_changed();
    });
  parts_.events.set_snapshot_source([this](std::uint64_t room) -> std::optional<std::string> {
    const Meeting* found = meeting(room);
    if (!found) return std::nullopt;
    return snapshot_document(*found, context_.participants);
  });
}

Rooms::~Rooms() {
  *alive_ = false;
  parts_.media.set_listener(nullptr);
  if (parts_.mixer != nullptr) parts_.mixer->on_change({});
  parts_.events.set_snapshot_source(nullptr);
  if (tick_) parts_.loop.cancel(tick_);
}

// By way of the loop, so that the events of the call, posted before, are seen first.
template <class T>
void Rooms::answer(Done<T> done, Result<T> result) {
  std::function<void()> task = [done = std::move(done), result = std::move(result)] { done(result); };
  // A full queue delays an answer, but does not lose it.
  if (!parts_.loop.post(task)) parts_.loop.after(50'000, std::move(task));
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

void Rooms::redefine(NewRoom wanted, Done<void> done) {
  if (const auto pins = check_pins(wanted.pins); !pins) return answer<void>(std::move(done), pins.error());
  const auto found = [this, alive = alive_, wanted,
                      done = std::move(done)](const Result<store::RoomRow>& row) {
    if (!*alive) return done(refusal(Reason::server_stopping));
    if (!row) return answer<void>(done, row.error());
    // What somebody may have damaged by hand is replaced, so the row is not read as a room first.
    const Room room{row->id,     row->organisation, row->alias,        wanted.settings,
                    wanted.pins, wanted.opens_ms,   wanted.expires_ms, false};
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

// ---- admission

void Rooms::admit(AdmitRequest request, Done<Admitted> done) {
  if (stopping_) return answer<Admitted>(std::move(done), refuse(Reason::server_stopping));
  const OrganisationLimits limits = parts_.organisation(request.organisation);
  if (!limits.known || !alias_ok(request.alias))
    return answer<Admitted>(std::move(done), refuse(Reason::room_unknown));
  if (const Meeting* meeting = running({request.organisation, request.alias}))
    return answer<Admitted>(std::move(done), admit_to(meeting->room(), std::move(request), limits));
  auto loaded = [this, alive = alive_, request, done = std::move(done)](Result<store::RoomRow> row) {
    if (!*alive) return done(refusal(Reason::server_stopping));
    answer<Admitted>(done, admit_loaded(std::move(row), request));
  };
  load(request, limits, std::move(loaded));
}

void Rooms::load(const AdmitRequest& request, const OrganisationLimits& limits, Done<store::RoomRow> done) {
  const bool defined =
      std::ranges::find(limits.defined_aliases, request.alias) != limits.defined_aliases.end();
  if (!limits.rooms_on_demand || defined)
    return parts_.store.find(request.organisation, request.alias, std::move(done));
  const std::int64_t now_ms = parts_.loop.clock().wall_ms();
  Room room{new_room_id(), request.organisation, request.alias, limits.on_demand, {}, 0, 0, true};
  // Normally taken away when its meeting ends; the time is for what a crash has left behind.
  room.expires_ms = now_ms + on_demand_days_ms;
  const store::RoomCaps caps{limits.rooms_max, limits.rooms_on_demand_max};
  parts_.store.find_or_add(to_row(room, now_ms), caps, std::move(done));
}

// What was true before the store was asked may not be so any more: everything is looked up again.
Result<Admitted> Rooms::admit_loaded(Result<store::RoomRow> row, AdmitRequest request) {
  if (stopping_) return refuse(Reason::server_stopping);
  const OrganisationLimits limits = parts_.organisation(request.organisation);
  if (!limits.known) return refuse(Reason::room_unknown);
  if (const Meeting* meeting = running({request.organisation, request.alias}))
    return admit_to(meeting->room(), std::move(request), limits);
  if (!row) {
    if (const ReasonEntry* entry = find_reason(row.error().reason)) return refuse(entry->reason);
    return refuse(Reason::storage_unavailable);
  }
  const Result<Room> room = to_room(*row);
  if (!room) return room.error();
  return admit_to(*room, std::move(request), limits);
}

bool Rooms::visible(const Room& room) const {
  const std::int64_t now_ms = parts_.loop.clock().wall_ms();
  if (room.on_demand) return true;
  return now_ms >= room.opens_ms && (room.expires_ms == 0 || now_ms < room.expires_ms);
}

Result<Role> Rooms::check_pin(const Room& room, const AdmitRequest& request) {
  if (request.proven_role) return *request.proven_role;
  if (request.ask_for_pin && request.pin.empty() && !room.pins.host.empty())
    return refuse(Reason::pin_required, "pin");
  const PinVerdict verdict = judge_pin(room.pins, room.settings, request.pin);
  if (room.pins.host.empty() || request.pin.empty()) {
    if (!verdict.role) return refuse(verdict.reason);
    return *verdict.role;
  }
  const std::int64_t now_us = parts_.loop.clock().now_us();
  const std::string key = room.organisation + "/" + room.alias;
  const std::int64_t wait_us = guesses_.wait_us(key, request.source_address, now_us);
  if (wait_us > 0 &&
      !(verdict.role && guesses_.trusted(key, request.source_address, *verdict.role, now_us))) {
    ++counters_.pin_slowed;
    return refuse(Reason::pin_slowed, "pin", "wait " + std::to_string(wait_us / 1'000'000 + 1) + " s");
  }
  if (verdict.reason == Reason::pin_wrong) {
    ++counters_.pin_wrong;
    guesses_.wrong(key, request.source_address, now_us);
  }
  if (!verdict.role) return refuse(verdict.reason, "pin");
  guesses_.right(key, request.source_address, *verdict.role, now_us);
  return *verdict.role;
}

std::optional<Error> Rooms::check_caps(const Meeting* meeting, const std::string& organisation,
                                       const RoomSettings& settings, const OrganisationLimits& limits) {
  const MeetingOptions& options = context_.options;
  if (reached(context_.participants.size(), options.participants_max) ||
      (!meeting && reached(meetings_.size(), options.meetings_max)))
    return refuse(Reason::node_full);
  const auto in_organisation = in_organisation_.find(organisation);
  if (in_organisation != in_organisation_.end() && reached(in_organisation->second, limits.participants_max))
    return refuse(Reason::organisation_full);
  const std::size_t members = meeting ? meeting->members().size() : 0;
  if (reached(members, settings.participants_max) || reached(members, limits.room_participants_max) ||
      reached(members, options.room_participants_max))
    return refuse(Reason::room_full);
  return std::nullopt;
}

Result<Admitted> Rooms::admit_to(const Room& room, AdmitRequest request, const OrganisationLimits& limits) {
  if (!visible(room)) return refuse(Reason::room_unknown);
  const Result<Role> role = check_pin(room, request);
  if (!role) return role.error();
  Meeting* meeting = running({room.organisation, room.alias});
  if (auto full = check_caps(meeting, room.organisation, room.settings, limits)) return *full;
  if (!meeting) {
    meeting = &meetings_.make(context_, room);
    running_[{room.organisation, room.alias}] = meeting->id();
    ++counters_.meetings_started;
  }

  Participant& participant = context_.participants.make();
  participant.display_name = cut(std::move(request.display_name), longest_name);
  participant.protocol = std::move(request.protocol);
  participant.own_organisation = std::move(request.own_organisation);
  participant.correlation_id = cut(std::move(request.correlation_id), longest_name);
  participant.kind = request.kind;
  participant.role = *role;
  // In a room without PINs everybody is a host, and a lock still has to mean something: it is for all who
  // come later.
  participant.passed_lock = *role == Role::host && (request.proven_role || !room.pins.host.empty());
  participant.control_only = request.control_only;
  participant.leaves_with_session = request.leaves_with_session;
  participant.rights = request.rights;
  participant.order = ++context_.joined;
  participant.joined_ms = parts_.loop.clock().wall_ms();
  const Result<Presence> presence = meeting->enter(participant);
  if (!presence) {
    context_.participants.take(participant.id);
    ++counters_.refused[static_cast<std::size_t>(Reason::room_locked)];
    return presence.error();
  }
  ++in_organisation_[meeting->room().organisation];
  ++counters_.admitted;
  arm_tick();
  log_info("meeting", "participant joined",
           {{"room", handle_text(meeting->id())},
            {"participant", handle_text(participant.id)},
            {"role", to_word(participant.role)},
            {"presence", to_word(participant.presence)},
            {"correlation_id", participant.correlation_id}});
  return Admitted{meeting->id(), participant.id, participant.role, participant.presence};
}

// ---- participants

Result<void> Rooms::leave(ParticipantId id, Reason reason) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  meeting->leave(*participant, reason);
  const auto in_organisation = in_organisation_.find(meeting->room().organisation);
  if (in_organisation != in_organisation_.end() && --in_organisation->second == 0)
    in_organisation_.erase(in_organisation);
  ++counters_.left;
  ++counters_.gone[static_cast<std::size_t>(reason)];
  log_info("meeting", "participant left",
           {{"room", handle_text(meeting->id())},
            {"participant", handle_text(id)},
            {"reason", word_of(reason)},
            {"correlation_id", participant->correlation_id}});
  context_.participants.take(id);
  if (meeting->empty()) end_meeting(*meeting);
  return {};
}

Result<void> Rooms::let_in(ParticipantId id) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  return meeting->let_in(*participant);
}

Result<void> Rooms::set_role(ParticipantId id, Role role) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  meeting->set_role(*participant, role);
  return {};
}

Result<void> Rooms::set_muted(ParticipantId id, std::optional<bool> audio, std::optional<bool> video) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  meeting->set_muted(*participant, audio, video);
  return {};
}

Result<void> Rooms::set_rights(ParticipantId id, const MediaRights& rights) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  meeting->set_rights(*participant, rights);
  return {};
}

const Participant* Rooms::participant(ParticipantId id) const {
  return context_.participants.find(id);
}

// ---- meetings

Result<void> Rooms::set_locked(RoomId room, bool locked) {
  Meeting* meeting = meetings_.find(room);
  if (!meeting) return refusal(Reason::room_gone);
  meeting->set_locked(locked);
  return {};
}

Result<void> Rooms::set_spotlight(RoomId room, std::vector<ParticipantId> spotlight) {
  Meeting* meeting = meetings_.find(room);
  if (!meeting) return refusal(Reason::room_gone);
  meeting->set_spotlight(std::move(spotlight));
  return {};
}

Result<void> Rooms::end(RoomId room, Reason reason) {
  const Meeting* meeting = meetings_.find(room);
  if (!meeting) return refusal(Reason::room_gone);
  const std::vector<ParticipantId> members = meeting->members();
  for (const ParticipantId participant : members) // the last one ends the meeting
    static_cast<void>(leave(participant, reason));
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
  for (const auto& [key, id] : running_)
    ids.push_back(id);
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

void Rooms::end_meeting(Meeting& meeting) {
  const RoomId id = meeting.id();
  parts_.events.publish(id, "meeting_ended", EventDocument(meeting_document(meeting)));
  if (meeting.room().on_demand)
    parts_.store.remove(meeting.room().id,
                        [](const Result<void>&) {}); // what stays for any reason, the sweeper takes
  running_.erase({meeting.room().organisation, meeting.room().alias});
  meetings_.take(id);
}

// ---- time

void Rooms::arm_tick() {
  if (tick_ == 0) tick_ = parts_.loop.after(tick_us, [this] { tick(); });
}

void Rooms::tick() {
  tick_ = 0;
  const std::int64_t now_ms = parts_.loop.clock().wall_ms();
  std::vector<std::pair<ParticipantId, Reason>> leaving;
  for (const RoomId room : meetings()) {
    const Meeting* meeting = meetings_.find(room);
    const Room& settings = meeting->room();
    const bool closed = !settings.on_demand && settings.expires_ms != 0 && now_ms >= settings.expires_ms;
    for (const ParticipantId id : meeting->members()) {
      const std::optional<Reason> overdue = meeting->overdue(*context_.participants.find(id));
      if (closed || overdue) leaving.emplace_back(id, closed ? Reason::room_closed : *overdue);
    }
  }
  for (const auto& [participant, reason] : leaving)
    static_cast<void>(leave(participant, reason));
  if (context_.participants.size() > 0) arm_tick();
}

} // namespace viadux
