// viadux/documents/policy.hpp - interface "viadux.policy": an organisation is asked before something happens.
//
// A hook cannot be skipped, an event cannot veto. Who raises a hook declares it (viadux::hook_table in
// <viadux/declare.hpp>, viadux_hook in <viadux/abi.h>) with its question, its answer and the answer that
// counts when no policy answers in time. Write that default so that it fails the safe way: closed where
// somebody would be let in or recorded, open where only a picture would be missing.
#pragma once

#include <viadux/document.hpp>

namespace viadux::documents {

// Who gave the answer: the hook's default where no policy says anything, a policy, or (since ABI 0.3) the
// hook's careful answer because the policy failed: an error, no answer in time, too many errors before.
enum class DecidedBy : std::uint8_t { by_default, policy, failure };

// viadux.policy ask -> PolicyAnswer. not_found/hook_unknown (neither the caller's own nor one of the core),
// not_found/organisation_unknown.
struct AskPolicy {
  std::string hook;
  std::string organisation;
  Json question;

  static constexpr auto fields() {
    return field_table(
        field("hook", &AskPolicy::hook, "One of the caller's own, or of the core.").required().limit(64),
        field("organisation", &AskPolicy::organisation, "Code of the one whose policy answers.")
            .required()
            .limit(64),
        field("question", &AskPolicy::question, "A document, as the hook declares it."));
  }
};

struct PolicyAnswer {
  Json answer;
  DecidedBy decided_by = DecidedBy::by_default;
  std::string trace;

  static constexpr auto fields() {
    return field_table(
        field("answer", &PolicyAnswer::answer, "A document, as the hook declares it."),
        field("decided_by", &PolicyAnswer::decided_by,
              "The default, the organisation's policy, or its failure."),
        field("trace", &PolicyAnswer::trace, "Names this decision in the log: 16 hex digits."));
  }
};

// The hooks of the core: core/policy/core_hooks.cpp lists them; the documents of "service" and "admit" are
// here, the others' in <viadux/documents/policy_hooks.hpp>. Any plugin may ask them. An answer's
// `on_failure()` is the careful answer that counts when the policy fails; a hook without one is answered by
// its default then.

// How far somebody is known when a hook is asked. SIP asks before the PIN, the client API after it.
enum class Authenticated : std::uint8_t { none, pin, sso, registered };

// "service": which room an address leads to, and how that room is. Asked when somebody has dialled, before
// there is a room.
enum class ServiceAction : std::uint8_t { as_dialled, redirect, reject };
struct ServiceQuestion {
  std::string address;
  std::string protocol;
  std::optional<std::string> own_organisation;
  std::string room;
  std::string organisation;
  std::string source_address;
  Authenticated authenticated = Authenticated::none;
  static constexpr auto fields() {
    return field_table(
        field("address", &ServiceQuestion::address, "What was dialled: local@domain."),
        field("protocol", &ServiceQuestion::protocol,
              "The plugin by which it came: client, whip, sip, h323."),
        field("own_organisation", &ServiceQuestion::own_organisation, "Of who dials, where it is proven."),
        field("room", &ServiceQuestion::room, "What stands before the @ of the address."),
        field("organisation", &ServiceQuestion::organisation, "Code of the one that answers the address."),
        field("source_address", &ServiceQuestion::source_address, "IP address of who dials. Personal."),
        field("authenticated", &ServiceQuestion::authenticated, "How far it is known who dials."));
  }
};

enum class WhenHostsLeave : std::uint8_t { stay, end, lobby };
// Settings of a room that a policy may give for the meeting that begins; what is left out is as the room
// says.
struct RoomRules {
  std::optional<std::string> name;
  std::optional<bool> guests_allowed;
  std::optional<bool> wait_for_host;
  std::optional<bool> lobby_when_locked;
  std::optional<std::int64_t> participants_max;
  std::optional<bool> one_way;
  std::optional<bool> mute_guests;
  std::optional<bool> guests_can_unmute;
  std::optional<bool> guests_can_present;
  std::optional<bool> chat;
  std::optional<std::int64_t> lock_at;
  std::optional<std::int64_t> lobby_s;
  std::optional<WhenHostsLeave> host_leaves;
  std::optional<std::int64_t> host_leaves_s;
  static constexpr auto fields() {
    return field_table(
        field("name", &RoomRules::name, "What people read.").limit(200),
        field("guests_allowed", &RoomRules::guests_allowed, "Whether anybody but hosts may come."),
        field("wait_for_host", &RoomRules::wait_for_host, "Guests wait in the lobby until a host is there."),
        field("lobby_when_locked", &RoomRules::lobby_when_locked,
              "Who comes to a locked meeting knocks; false: is refused."),
        field("participants_max", &RoomRules::participants_max,
              "Participants; 0 is the organisation's limit.")
            .range(0, 100'000),
        field("one_way", &RoomRules::one_way, "Hosts see guests without sound; guests see and hear nothing."),
        field("mute_guests", &RoomRules::mute_guests, "Guests are muted when they come in."),
        field("guests_can_unmute", &RoomRules::guests_can_unmute, "A muted guest may unmute itself."),
        field("guests_can_present", &RoomRules::guests_can_present, "Guests may show their screen."),
        field("chat", &RoomRules::chat, "Participants may write messages."),
        field("lock_at", &RoomRules::lock_at, "Locks when so many people are in it; 0 is never.")
            .range(0, 100'000),
        field("lobby_s", &RoomRules::lobby_s, "Seconds somebody waits to be let in; 0 is the server's.")
            .range(0, 86'400),
        field("host_leaves", &RoomRules::host_leaves,
              "What becomes of the meeting when its last host has left."),
        field("host_leaves_s", &RoomRules::host_leaves_s, "With end: seconds until then.").range(1, 86'400));
  }
};

struct ServiceAnswer {
  ServiceAction action = ServiceAction::as_dialled;
  std::optional<std::string> address;
  std::optional<std::string> message;
  std::optional<RoomRules> settings;
  static constexpr auto fields() {
    return field_table(
        field("action", &ServiceAnswer::action, "What becomes of it."),
        field("address", &ServiceAnswer::address, "Where a redirect leads."),
        field("message", &ServiceAnswer::message, "What the person reads who is rejected."),
        field("settings", &ServiceAnswer::settings, "How the room is for the meeting that begins."));
  }
};

// "admit": whether somebody who has passed the PIN and the room's limits may come in. Without a policy: yes,
// as the room says. If it fails, a host lets people in from the lobby; where none is there they are asked to
// try again.
struct AdmitQuestion {
  std::string room;
  std::string display_name;
  std::string protocol;
  std::string role;
  std::string organisation;
  std::string own_organisation;
  std::string source_address;
  Authenticated authenticated = Authenticated::none;
  std::string kind;
  std::int64_t participants = 0;
  bool locked = false;
  bool host_present = false;
  static constexpr auto fields() {
    return field_table(
        field("room", &AdmitQuestion::room, "The alias."),
        field("display_name", &AdmitQuestion::display_name, "As the person wrote it. Personal."),
        field("protocol", &AdmitQuestion::protocol, "The plugin by which it came: client, whip, sip, h323."),
        field("role", &AdmitQuestion::role, "host or guest, by PIN or token."),
        field("organisation", &AdmitQuestion::organisation, "Code of the room's organisation."),
        field("own_organisation", &AdmitQuestion::own_organisation,
              "Code of the person's own organisation where it is proven, else empty."),
        field("source_address", &AdmitQuestion::source_address, "IP address it comes from. Personal."),
        field("authenticated", &AdmitQuestion::authenticated, "How far it is known who it is."),
        field("kind", &AdmitQuestion::kind, "person, room_system or service (a recorder)."),
        field("participants", &AdmitQuestion::participants, "How many are in the meeting already."),
        field("locked", &AdmitQuestion::locked, "Whether the meeting is locked."),
        field("host_present", &AdmitQuestion::host_present, "Whether a host is in the meeting."));
  }
};

// Which media directions somebody may use; what is left out is as the room says. A policy takes away, it does
// not give what the room refuses.
struct RightsRules {
  std::optional<bool> send_audio;
  std::optional<bool> send_video;
  std::optional<bool> send_presentation;
  std::optional<bool> receive_audio;
  std::optional<bool> receive_video;
  std::optional<bool> receive_presentation;
  static constexpr auto fields() {
    return field_table(
        field("send_audio", &RightsRules::send_audio, "May be heard."),
        field("send_video", &RightsRules::send_video, "May be seen."),
        field("send_presentation", &RightsRules::send_presentation, "May present."),
        field("receive_audio", &RightsRules::receive_audio, "May hear."),
        field("receive_video", &RightsRules::receive_video, "May see."),
        field("receive_presentation", &RightsRules::receive_presentation, "May see a presentation."));
  }
};

enum class AdmitRole : std::uint8_t { host, guest };
struct AdmitAnswer {
  bool admitted = true;
  std::optional<std::string> display_name;
  std::optional<AdmitRole> role;
  std::optional<std::string> message;
  std::optional<bool> lobby;
  std::optional<bool> bypass_lock;
  std::optional<RightsRules> rights;
  std::optional<std::string> speaks_in;
  std::optional<std::string> hears;
  static AdmitAnswer on_failure() {
    AdmitAnswer careful;
    careful.lobby = true;
    return careful;
  }
  static constexpr auto fields() {
    return field_table(
        field("admitted", &AdmitAnswer::admitted, "May come in."),
        field("display_name", &AdmitAnswer::display_name, "Shown instead of the one given.").limit(128),
        field("role", &AdmitAnswer::role, "Given instead of the one by PIN."),
        field("message", &AdmitAnswer::message, "What the person reads who may not.").limit(500),
        field("lobby", &AdmitAnswer::lobby, "Waits in the lobby until a host lets it in."),
        field("bypass_lock", &AdmitAnswer::bypass_lock, "A lock is not for it."),
        field("rights", &AdmitAnswer::rights, "Which media directions it may use."),
        field("speaks_in", &AdmitAnswer::speaks_in,
              "The sound channel it speaks in, as an interpreter does: ar. Left out: to everybody.")
            .limit(16),
        field("hears", &AdmitAnswer::hears, "The sound channel it hears. Left out: what all say.").limit(16));
  }
};

} // namespace viadux::documents

template <>
struct viadux::EnumNames<viadux::documents::DecidedBy> {
  static constexpr std::array<std::string_view, 3> names{"default", "policy", "failure"};
};
template <>
struct viadux::EnumNames<viadux::documents::ServiceAction> {
  static constexpr std::array<std::string_view, 3> names{"as_dialled", "redirect", "reject"};
};
template <>
struct viadux::EnumNames<viadux::documents::Authenticated> {
  static constexpr std::array<std::string_view, 4> names{"none", "pin", "sso", "registered"};
};
template <>
struct viadux::EnumNames<viadux::documents::WhenHostsLeave> {
  static constexpr std::array<std::string_view, 3> names{"stay", "end", "lobby"};
};
template <>
struct viadux::EnumNames<viadux::documents::AdmitRole> {
  static constexpr std::array<std::string_view, 2> names{"host", "guest"};
};
