// The part of Rooms that lets people in and out.
#include "core/log/log.hpp"
#include "core/meeting/documents.hpp"
#include "core/meeting/policy_words.hpp"
#include "core/meeting/room_row.hpp"
#include "core/meeting/rooms.hpp"
#include "core/meeting/uuid.hpp"

#include <algorithm>

namespace viadux {
namespace {

constexpr std::int64_t on_demand_days_ms = 24LL * 3600 * 1000;

bool reached(std::size_t have, std::uint32_t cap) {
  return cap != 0 && have >= cap;
}

} // namespace

// ---- admission

void Rooms::admit(AdmitRequest request, Done<Admitted> done) {
  if (stopping_) return answer<Admitted>(std::move(done), refuse(Reason::server_stopping));
  const OrganisationLimits limits = parts_.organisation(request.organisation);
  if (const Meeting* meeting = running({request.organisation, request.alias});
      limits.known && meeting && visible(meeting->room()))
    return judge(meeting->room(), std::move(request), limits, std::move(done));
  // Everybody else goes to the store, also who asks for what cannot be there: the time an answer takes tells
  // nothing either.
  auto loaded = [this, alive = alive_, request, done = std::move(done)](Result<store::RoomRow> row) {
    if (!*alive) return done(refusal(Reason::server_stopping));
    admit_loaded(std::move(row), request, done);
  };
  load(request, limits, std::move(loaded));
}

void Rooms::load(const AdmitRequest& request, const OrganisationLimits& limits, Done<store::RoomRow> done) {
  const bool defined =
      std::ranges::find(limits.defined_aliases, request.alias) != limits.defined_aliases.end();
  if (!limits.known || !limits.rooms_on_demand || defined || !alias_ok(request.alias))
    return parts_.store.find(request.organisation, request.alias, std::move(done));
  // Who would be refused leaves no room behind; one that is there refuses by itself.
  auto refused = check_caps(nullptr, request.organisation, limits.on_demand, limits);
  if (!refused && uuid_taken(request.organisation, request.alias, request)) refused = Reason::uuid_taken;
  if (refused)
    return parts_.store.find(request.organisation, request.alias,
                             [refused, done = std::move(done)](Result<store::RoomRow> row) {
                               if (!row && row.error().code == ErrorCode::not_found) row = refusal(*refused);
                               done(std::move(row));
                             });
  const std::int64_t now_ms = parts_.loop.clock().wall_ms();
  Room room{new_room_id(), request.organisation, request.alias, limits.on_demand, {}, 0, 0, true};
  // Normally taken away when its meeting ends; the time is for what a crash has left behind.
  room.expires_ms = now_ms + on_demand_days_ms;
  const store::RoomCaps caps{limits.rooms_max, limits.rooms_on_demand_max};
  parts_.store.find_or_add(to_row(room, now_ms), caps, std::move(done));
}

// What was true before the store was asked may not be so any more: everything is looked up again.
void Rooms::admit_loaded(Result<store::RoomRow> row, AdmitRequest request, Done<Admitted> done) {
  const auto refused = [&](Error error) { answer<Admitted>(std::move(done), std::move(error)); };
  if (stopping_) return refused(refuse(Reason::server_stopping));
  const OrganisationLimits limits = parts_.organisation(request.organisation);
  if (!limits.known) return refused(refuse(Reason::room_unknown));
  if (const Meeting* meeting = running({request.organisation, request.alias}))
    return judge(meeting->room(), std::move(request), limits, std::move(done));
  if (!row) {
    const ReasonEntry* entry = find_reason(row.error().reason);
    return refused(refuse(entry ? entry->reason : Reason::storage_unavailable));
  }
  if (!alias_ok(request.alias)) return refused(refuse(Reason::room_unknown));
  if (!open_now(row->on_demand, row->opens_ms, row->expires_ms)) return refused(refuse(Reason::room_unknown));
  Result<Room> room = to_room(*row);
  if (!room) return refused(room.error());
  apply(request.rules, room->settings);
  judge(std::move(*room), std::move(request), limits, std::move(done));
}

// What the room itself says comes first, so that nobody learns from a policy what the room would not tell.
void Rooms::judge(Room room, AdmitRequest request, const OrganisationLimits& limits, Done<Admitted> done) {
  if (!parts_.policies) return answer<Admitted>(std::move(done), admit_to(room, std::move(request), limits));
  if (!visible(room)) return answer<Admitted>(std::move(done), refuse(Reason::room_unknown));
  const Result<Role> role = check_pin(room, request);
  if (!role) return answer<Admitted>(std::move(done), role.error());
  if (const auto place = check_place(room, request, limits); !place)
    return answer<Admitted>(std::move(done), place.error());
  ask_policy(std::move(room), std::move(request), *role, std::move(done));
}

void Rooms::ask_policy(Room room, AdmitRequest request, Role role, Done<Admitted> done) {
  const Meeting* meeting = running({room.organisation, room.alias});
  documents::AdmitQuestion question;
  question.room = room.alias;
  question.organisation = room.organisation;
  question.display_name = request.display_name;
  question.protocol = request.protocol;
  question.role = to_word(role);
  question.own_organisation = request.own_organisation;
  question.source_address = request.source_address;
  question.authenticated = known_by(room, request);
  question.kind = to_word(request.kind);
  if (meeting) {
    question.participants = static_cast<std::int64_t>(meeting->members().size());
    question.locked = meeting->locked();
    question.host_present = meeting->has_host();
  }
  request.decided = AdmissionDecision{role};
  const std::string organisation = room.organisation;
  auto decided = [this, alive = alive_, room = std::move(room), request = std::move(request),
                  done = std::move(done)](const PolicyDecision& decision) {
    if (!*alive) return done(refusal(Reason::server_stopping));
    answer<Admitted>(done, admit_decided(room, request, decision));
  };
  parts_.policies("admit", organisation, to_json(question), std::move(decided));
}

// Again, what was true before the policy was asked may not be so any more.
Result<Admitted> Rooms::admit_decided(const Room& room, AdmitRequest request,
                                      const PolicyDecision& decision) {
  if (stopping_) return refuse(Reason::server_stopping);
  const OrganisationLimits limits = parts_.organisation(request.organisation);
  if (!limits.known) return refuse(Reason::room_unknown);
  const Meeting* meeting = running({request.organisation, request.alias});
  const auto refused = [&](Error error) {
    // Who is refused leaves no room on demand behind.
    if (!meeting && room.on_demand) parts_.store.remove(room.id, [](const Result<void>&) {});
    return error;
  };
  documents::AdmitAnswer says;
  if (!from_json(decision.answer, says)) return refused(refuse(Reason::policy_unavailable));
  request.decided->failed = decision.decided_by == documents::DecidedBy::failure;
  if (request.decided->failed && !(meeting && meeting->has_host()))
    return refused(refuse(Reason::policy_unavailable));
  if (!says.admitted) {
    ++counters_.refused[static_cast<std::size_t>(Reason::policy_refused)];
    return refused(policy_refusal(says.message.value_or("")));
  }
  take_over(says, *request.decided, request.display_name, request.rights);
  // Nobody is kept out for it; the name may hold something personal, and is not logged.
  for (std::string* channel : {&request.decided->speaks_in, &request.decided->hears}) {
    if (channel->empty() || channel_ok(*channel)) continue;
    log_warning("meeting", "the policy names a sound channel that cannot be: left out",
                {{"organisation", room.organisation},
                 {"hint", "a name has 1 to 16 small letters (a to z), digits or hyphens"}});
    channel->clear();
  }
  return admit_to(meeting ? meeting->room() : room, std::move(request), limits);
}

// Once the PIN, if there is one, has been found right.
documents::Authenticated Rooms::known_by(const Room& room, const AdmitRequest& request) {
  const bool proved = !request.pin.empty() && !room.pins.host.empty() && !request.proven_role;
  const bool nothing_else = request.authenticated == documents::Authenticated::none;
  return proved && nothing_else ? documents::Authenticated::pin : request.authenticated;
}

bool Rooms::open_now(bool on_demand, std::int64_t opens_ms, std::int64_t expires_ms) const {
  const std::int64_t now_ms = parts_.loop.clock().wall_ms();
  return on_demand || (now_ms >= opens_ms && (expires_ms == 0 || now_ms < expires_ms));
}

bool Rooms::visible(const Room& room) const {
  return open_now(room.on_demand, room.opens_ms, room.expires_ms);
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

std::optional<Reason> Rooms::check_caps(const Meeting* meeting, const std::string& organisation,
                                        const RoomSettings& settings, const OrganisationLimits& limits) {
  const MeetingOptions& options = context_.options;
  if (reached(context_.participants.size(), options.participants_max) ||
      (!meeting && reached(meetings_.size(), options.meetings_max)))
    return Reason::node_full;
  const auto in_organisation = in_organisation_.find(organisation);
  if (in_organisation != in_organisation_.end() && reached(in_organisation->second, limits.participants_max))
    return Reason::organisation_full;
  // Who is in a break-out comes back: its place in the room is taken.
  const std::size_t members = meeting ? people_of(family_of(meeting->id())) : 0;
  if (reached(members, settings.participants_max) || reached(members, limits.room_participants_max) ||
      reached(members, options.room_participants_max))
    return Reason::room_full;
  return std::nullopt;
}

// Whom this request replaces: the same participant, brought by the same plugin into the same room. Refused:
// uuid_taken.
Result<Participant*> Rooms::former_of(const Room& room, const AdmitRequest& request) {
  const auto found = context_.uuids.find(request.uuid);
  if (request.uuid.empty() || found == context_.uuids.end()) return nullptr;
  if (uuid_taken(room.organisation, room.alias, request)) return refuse(Reason::uuid_taken, "uuid");
  return context_.participants.find(found->second);
}

bool Rooms::uuid_taken(const std::string& organisation, const std::string& alias,
                       const AdmitRequest& request) const {
  const auto found = context_.uuids.find(request.uuid);
  if (request.uuid.empty() || found == context_.uuids.end()) return false;
  const Participant* former = context_.participants.find(found->second);
  const Room& its = meetings_.find(former->room)->room();
  return former->protocol != request.protocol || its.organisation != organisation || its.alias != alias;
}

// The meeting that it would come into, if one runs.
Result<Meeting*> Rooms::check_place(const Room& room, const AdmitRequest& request,
                                    const OrganisationLimits& limits) {
  const Result<Participant*> former = former_of(room, request);
  if (!former) return former.error();
  if (*former) return meetings_.find((*former)->room); // perhaps one of its break-outs
  Meeting* meeting = running({room.organisation, room.alias});
  if (auto full = check_caps(meeting, room.organisation, room.settings, limits)) return refuse(*full);
  return meeting;
}

Result<Admitted> Rooms::admit_to(const Room& room, AdmitRequest request, const OrganisationLimits& limits) {
  if (!visible(room)) return refuse(Reason::room_unknown);
  const Result<Role> role = request.decided ? Result<Role>(request.decided->role) : check_pin(room, request);
  if (!role) return role.error();
  const Result<Meeting*> place = check_place(room, request, limits);
  if (!place) return place.error();
  const Result<Participant*> former = former_of(room, request);
  Meeting* meeting = *place;
  if (!meeting) {
    meeting = &meetings_.make(context_, room);
    running_[{room.organisation, room.alias}] = meeting->id();
    ++counters_.meetings_started;
  }

  Participant& participant = context_.participants.make();
  participant.uuid = request.uuid.empty() ? new_uuid() : std::move(request.uuid);
  participant.display_name = cut_name(std::move(request.display_name));
  participant.protocol = std::move(request.protocol);
  participant.own_organisation = std::move(request.own_organisation);
  participant.correlation_id = cut_name(std::move(request.correlation_id));
  participant.call_tag = cut_name(std::move(request.call_tag));
  participant.kind = request.kind;
  participant.role = *role;
  // In a room without PINs everybody is a host, and a lock still has to mean something: it is for all who
  // come later.
  participant.passed_lock =
      request.returning || (*role == Role::host && (request.proven_role || !room.pins.host.empty()));
  if (request.decided && request.decided->bypass_lock) participant.passed_lock = true;
  if (request.decided) {
    participant.speaks_in = request.decided->speaks_in;
    participant.hears = request.decided->hears;
  }
  participant.must_be_let_in = request.decided && request.decided->lobby && !request.returning;
  participant.control_only = request.control_only;
  participant.leaves_with_session = request.leaves_with_session;
  participant.rights = request.rights;
  participant.order = ++context_.joined;
  participant.joined_ms = parts_.loop.clock().wall_ms();
  if (*former) replace(*meeting, **former, participant);
  context_.uuids[participant.uuid] = participant.id;
  const Result<Presence> presence = meeting->enter(participant);
  if (!presence) {
    context_.uuids.erase(participant.uuid);
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
  return Admitted{meeting->id(),        participant.id,   participant.role,
                  participant.presence, participant.uuid, known_by(room, request)};
}

// What a host has decided about somebody is not undone by coming again.
void Rooms::replace(Meeting& meeting, Participant& former, Participant& participant) {
  if (former.presence == Presence::meeting) {
    participant.passed_lock = true;
    participant.must_be_let_in = false;
  }
  participant.audio_muted = former.audio_muted;
  participant.audio_muted_by_host = former.audio_muted_by_host;
  participant.video_muted = former.video_muted;
  participant.presentation_denied = former.presentation_denied;
  participant.presentation_in_picture = former.presentation_in_picture;
  participant.speaks_in = former.speaks_in;
  participant.hears = former.hears;
  take_out(meeting, former, Reason::replaced);
}

// ---- leaving

void Rooms::take_out(Meeting& meeting, Participant& participant, Reason reason) {
  meeting.leave(participant, reason);
  const auto in_organisation = in_organisation_.find(meeting.room().organisation);
  if (in_organisation != in_organisation_.end() && --in_organisation->second == 0)
    in_organisation_.erase(in_organisation);
  ++counters_.left;
  ++counters_.gone[static_cast<std::size_t>(reason)];
  log_info("meeting", "participant left",
           {{"room", handle_text(meeting.id())},
            {"participant", handle_text(participant.id)},
            {"reason", word_of(reason)},
            {"correlation_id", participant.correlation_id}});
  context_.uuids.erase(participant.uuid);
  context_.participants.take(participant.id);
}

Result<void> Rooms::leave(ParticipantId id, Reason reason) {
  const auto [meeting, participant] = whereabouts(id);
  if (!participant) return refusal(Reason::participant_gone);
  take_out(*meeting, *participant, reason);
  if (meeting->ends_at_once()) end_meeting(*meeting);
  return {};
}

} // namespace viadux
