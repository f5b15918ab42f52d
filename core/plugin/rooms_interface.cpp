#include "core/plugin/rooms_interface.hpp"

#include "core/http/server_core.hpp"
#include "core/meeting/uuid.hpp"
#include "core/plugin/instance.hpp"
#include "core/plugin/meeting_documents.hpp"

namespace viadux {
namespace {

constexpr int most_redirects = 3;

documents::OrganisationInfo organisation_document(const Organisations& all, const Organisation& asked) {
  documents::OrganisationInfo out;
  out.code = asked.code;
  out.name = asked.name.empty() ? asked.code : asked.name;
  constexpr std::size_t deepest = 64; // the loader refuses circles
  for (const Organisation* each = &asked; each && out.folders.size() < deepest;
       each = each->parent.empty() ? nullptr : all.find(each->parent))
    out.folders.push_back(each->folder);
  return out;
}

} // namespace

RoomsInterface::RoomsInterface(Parts parts)
    : HostInterface("viadux.rooms"), parts_(std::move(parts)),
      brought_([this](std::uint64_t id) { return parts_.rooms.participant(id) == nullptr; }) {
  add_room_methods();
  add_participant_methods();
  add_running_methods();
  add_steering_methods();
  add_breakout_methods();
}

// `keep` holds the tree that the answer points into.
Result<Answering> RoomsInterface::answering(const documents::Dialled& dialled,
                                            std::shared_ptr<const Organisations>& keep) const {
  keep = parts_.organisations();
  CameBy came_by;
  if (dialled.http_host) came_by.http_host = *dialled.http_host;
  if (dialled.sip_trunk) came_by.sip_trunk = *dialled.sip_trunk;
  if (dialled.tls_name) came_by.tls_name = *dialled.tls_name;
  return keep->answering(dialled.address, came_by);
}

void RoomsInterface::add_room_methods() {
  using documents::CreateRoom;
  using documents::RoomRef;
  const auto room_done = [](const MethodDone<documents::Room>& done) {
    return [done](const Result<RoomInfo>& info) {
      done(info ? Result<documents::Room>(to_document(info.value())) : Result<documents::Room>(info.error()));
    };
  };
  add_method<CreateRoom, documents::Room>(
      "create",
      [this, room_done](PluginInstance&, const CreateRoom& asked, const MethodDone<documents::Room>& done) {
        std::shared_ptr<const Organisations> keep;
        const auto where = answering(asked.to, keep);
        if (!where) return done(where.error());
        NewRoom room = to_core(asked);
        room.organisation = where->organisation->code;
        room.alias = where->address.local;
        parts_.rooms.create(std::move(room), room_done(done));
      });
  add_method<RoomRef, documents::Room>("find", [this, room_done](PluginInstance&, const RoomRef& asked,
                                                                 const MethodDone<documents::Room>& done) {
    std::shared_ptr<const Organisations> keep;
    const auto where = answering(asked.to, keep);
    if (!where) return done(where.error());
    parts_.rooms.find(where->organisation->code, where->address.local, room_done(done));
  });
  add_method<RoomRef, documents::OrganisationInfo>(
      "organisation",
      [this](PluginInstance&, const RoomRef& asked, const MethodDone<documents::OrganisationInfo>& done) {
        std::shared_ptr<const Organisations> keep;
        const auto where = answering(asked.to, keep);
        if (!where) return done(where.error());
        done(organisation_document(*keep, *where->organisation));
      });
  add_method<documents::OrganisationRef, documents::OrganisationInfo>(
      "organisation_named", [this](PluginInstance&, const documents::OrganisationRef& asked,
                                   const MethodDone<documents::OrganisationInfo>& done) {
        const auto all = parts_.organisations();
        const Organisation* organisation = all->find(asked.code);
        if (!organisation)
          return done(
              make_error(ErrorCode::not_found, "organisation_unknown", "there is no such organisation"));
        done(organisation_document(*all, *organisation));
      });
  add_method<RoomRef, Nothing>(
      "remove", [this](PluginInstance&, const RoomRef& asked, const MethodDone<Nothing>& done) {
        std::shared_ptr<const Organisations> keep;
        const auto where = answering(asked.to, keep);
        if (!where) return done(where.error());
        parts_.rooms.remove(where->organisation->code, where->address.local,
                            [done](const Result<void>& removed) { done(nothing(removed)); });
      });
}

void RoomsInterface::admit(PluginInstance& caller, const documents::Admit& asked,
                           const MethodDone<documents::Admitted>& done) {
  AdmitRequest request;
  if (const Meeting* meeting = asked.room ? parts_.rooms.meeting(asked.room.value) : nullptr) {
    request.organisation = meeting->room().organisation;
    request.alias = meeting->room().alias;
  } else {
    if (asked.room) return done(refusal(Reason::room_gone, "room"));
    std::shared_ptr<const Organisations> keep;
    const auto where = answering(asked.to, keep);
    if (!where) return done(where.error());
    request.organisation = where->organisation->code;
    request.alias = where->address.local;
  }
  request.pin = asked.pin.value_or("");
  request.ask_for_pin = asked.ask_for_pin;
  if (asked.proven_role && !request.proven_role) request.proven_role = to_core(*asked.proven_role);
  if (asked.proven_role)
    request.authenticated = documents::Authenticated::none; // a PIN of before, perhaps none
  if (asked.authenticated) request.authenticated = *asked.authenticated;
  if (asked.token) { // a token that is no good is refused; one that proves nothing here leaves it to the PIN
    const auto principal = parts_.auth.check(*asked.token, asked.source_address);
    if (!principal) return done(principal.error());
    if (principal->may(PrincipalRole::operator_, request.organisation)) request.proven_role = Role::host;
    request.authenticated = documents::Authenticated::registered;
  }
  request.source_address = client_key(asked.source_address); // all of an IPv6 /64 guess as one
  request.display_name = asked.display_name;
  request.protocol = caller.id();
  request.own_organisation = asked.own_organisation.value_or("");
  request.correlation_id = asked.correlation_id.value_or("");
  request.kind = to_core(asked.kind);
  request.control_only = asked.control_only;
  request.leaves_with_session = asked.leaves_with_session;
  request.rights = to_core(asked.rights);
  if (asked.uuid) {
    if (!uuid_ok(*asked.uuid))
      return done(
          make_error(ErrorCode::bad_argument, "field_invalid", "field 'uuid' must be a UUID", "uuid"));
    request.uuid = lower_uuid(*asked.uuid);
  }
  request.returning = asked.returning;
  request.call_tag = asked.call_tag.value_or("");
  find_service(caller, std::move(request), asked, most_redirects, done);
}

void RoomsInterface::find_service(PluginInstance& caller, AdmitRequest request, const documents::Admit& asked,
                                  int redirects, const MethodDone<documents::Admitted>& done) {
  if (!parts_.policies || request.returning) return admit_to(caller, std::move(request), done);
  documents::ServiceQuestion question;
  question.address = asked.to.address;
  question.room = request.alias;
  question.organisation = request.organisation;
  question.protocol = request.protocol;
  question.source_address = request.source_address;
  // The PIN has not been looked at, also not of somebody who has given it before and comes back.
  if (request.authenticated != documents::Authenticated::pin) question.authenticated = request.authenticated;
  if (!request.own_organisation.empty()) question.own_organisation = request.own_organisation;
  const std::string organisation = request.organisation;
  auto decided = [this, &caller, request = std::move(request), asked = documents::Admit(asked), redirects,
                  done](const PolicyDecision& decision) mutable {
    documents::ServiceAnswer says;
    if (!from_json(decision.answer, says)) return done(refusal(Reason::policy_unavailable));
    if (says.action == documents::ServiceAction::reject)
      return done(policy_refusal(says.message.value_or("")));
    if (says.action == documents::ServiceAction::redirect) {
      // Where a policy leads in a circle nobody gets anywhere.
      if (!says.address || redirects == 0) return done(refusal(Reason::room_unknown));
      std::shared_ptr<const Organisations> keep;
      asked.to.address = *says.address;
      const auto where = answering(asked.to, keep);
      if (!where) return done(where.error());
      // What was proven was proven for the other organisation.
      if (where->organisation->code != request.organisation) {
        request.proven_role.reset();
        request.authenticated = documents::Authenticated::none;
      }
      request.organisation = where->organisation->code;
      request.alias = where->address.local;
      return find_service(caller, std::move(request), asked, redirects - 1, done);
    }
    if (says.settings) request.rules = *says.settings;
    admit_to(caller, std::move(request), done);
  };
  parts_.policies("service", organisation, to_json(question), std::move(decided));
}

void RoomsInterface::admit_to(PluginInstance& caller, AdmitRequest request,
                              const MethodDone<documents::Admitted>& done) {
  parts_.rooms.admit(std::move(request), [this, &caller, done](const Result<Admitted>& in) {
    if (!in) return done(in.error());
    if (caller.closing()) { // it stopped meanwhile: nobody would ever take the participant out
      (void)parts_.rooms.leave(in->participant, Reason::server_stopping);
      return done(make_error(ErrorCode::cancelled, "plugin_stopping", "the plugin is stopping"));
    }
    brought_.add(in->participant, caller);
    documents::Admitted out;
    out.room = Handle{in->room};
    out.participant = Handle{in->participant};
    out.role = to_document(in->role);
    out.presence = to_document(in->presence);
    out.uuid = in->uuid;
    out.authenticated = in->authenticated;
    if (const Meeting* meeting = parts_.rooms.meeting(in->room)) {
      out.organisation = meeting->room().organisation;
      out.alias = meeting->room().alias;
    }
    done(out);
  });
}

Result<void> RoomsInterface::set_participant(const documents::SetParticipant& asked) {
  Rooms& rooms = parts_.rooms;
  const ParticipantId id = asked.participant.value;
  const ParticipantId by = asked.by.value;
  if (auto may = rooms.may_act(by, id); !may) return may;
  // One's own microphone and camera are one's own, and what one hears; roles and rights are a host's to give,
  // and whom one speaks to.
  if (asked.role || asked.rights || asked.presentation_denied || asked.speaks_in)
    if (auto may = rooms.may_steer(by, rooms.participant(id)->room); !may) return may;
  Result<void> result;
  if (asked.role) result = rooms.set_role(id, to_core(*asked.role));
  if (result && (asked.audio_muted || asked.video_muted))
    result = rooms.set_muted(id, asked.audio_muted, asked.video_muted, by);
  if (result && asked.rights) result = rooms.set_rights(id, to_core(*asked.rights));
  if (result && (asked.presentation_denied || asked.presentation_in_picture))
    result = rooms.set_presentation(id, asked.presentation_denied, asked.presentation_in_picture);
  if (result && (asked.speaks_in || asked.hears))
    result = rooms.set_channels(id, asked.speaks_in, asked.hears);
  return result;
}

void RoomsInterface::add_participant_methods() {
  using documents::ParticipantRef;
  add_method<documents::Admit, documents::Admitted>(
      "admit", [this](PluginInstance& caller, const documents::Admit& asked,
                      const MethodDone<documents::Admitted>& done) { admit(caller, asked, done); });
  add_method<ParticipantRef, Nothing>(
      "leave", [this](PluginInstance& caller, const ParticipantRef& asked, const MethodDone<Nothing>& done) {
        // Only who brought it may say that it left; others disconnect it.
        if (!brought_.is_owner(asked.participant.value, caller)) {
          ++caller.counters().stale_handles;
          return done(refusal(Reason::participant_gone, "participant"));
        }
        brought_.remove(asked.participant.value);
        done(nothing(parts_.rooms.leave(asked.participant.value)));
      });
  add_method<ParticipantRef, Nothing>(
      "disconnect", [this](PluginInstance&, const ParticipantRef& asked, const MethodDone<Nothing>& done) {
        Rooms& rooms = parts_.rooms;
        const ParticipantId id = asked.participant.value;
        auto result = rooms.may_act(asked.by.value, id);
        if (result) result = asked.by.value == id ? rooms.leave(id) : rooms.disconnect(id);
        done(nothing(result));
      });
  add_method<ParticipantRef, Nothing>(
      "let_in", [this](PluginInstance&, const ParticipantRef& asked, const MethodDone<Nothing>& done) {
        const Participant* found = parts_.rooms.participant(asked.participant.value);
        if (!found) return done(refusal(Reason::participant_gone, "participant"));
        auto result = parts_.rooms.may_steer(asked.by.value, found->room);
        if (result) result = parts_.rooms.let_in(asked.participant.value);
        done(nothing(result));
      });
  add_method<ParticipantRef, documents::Participant>(
      "participant",
      [this](PluginInstance&, const ParticipantRef& asked, const MethodDone<documents::Participant>& done) {
        const Participant* found = parts_.rooms.participant(asked.participant.value);
        if (!found) return done(refusal(Reason::participant_gone, "participant"));
        done(to_document(*found));
      });
  add_method<documents::SetParticipant, Nothing>(
      "set_participant", [this](PluginInstance&, const documents::SetParticipant& asked,
                                const MethodDone<Nothing>& done) { done(nothing(set_participant(asked))); });
}

void RoomsInterface::add_running_methods() {
  add_method<Nothing, documents::RunningList>(
      "list", [this](PluginInstance&, const Nothing&, const MethodDone<documents::RunningList>& done) {
        documents::RunningList list;
        for (const RoomId room : parts_.rooms.meetings())
          list.rooms.push_back(Handle{room});
        done(list);
      });
  add_method<documents::SetRunning, Nothing>(
      "set_running", [this](PluginInstance&, const documents::SetRunning& asked,
                            const MethodDone<Nothing>& done) { done(nothing(set_running(asked))); });
}

void RoomsInterface::plugin_stopped(const PluginInstance& plugin) {
  for (const ParticipantId id : brought_.take(plugin))
    (void)parts_.rooms.leave(id, Reason::server_stopping);
}

} // namespace viadux
