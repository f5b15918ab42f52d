// viadux/documents/participant.hpp - interface "viadux.rooms": who is in a room, and how one gets in and out.
//
// Failures carry a word of the core's table of reasons (pin_wrong, room_full, participant_gone ...), which
// each signalling plugin maps to its protocol in one file.
#pragma once

#include <viadux/documents/policy.hpp>

namespace viadux::documents {

enum class Role : std::uint8_t { host, guest };
enum class ParticipantKind : std::uint8_t { person, room_system, service };
enum class Presence : std::uint8_t { lobby, meeting }; // in the lobby it sees and hears nobody

// Which media directions a participant may use; the server enforces it, whatever the client negotiates.
struct Rights {
  bool send_audio = true;
  bool send_video = true;
  bool send_presentation = true;
  bool receive_audio = true;
  bool receive_video = true;
  bool receive_presentation = true;

  static constexpr auto fields() {
    return field_table(
        field("send_audio", &Rights::send_audio, "May be heard."),
        field("send_video", &Rights::send_video, "May be seen."),
        field("send_presentation", &Rights::send_presentation, "May present."),
        field("receive_audio", &Rights::receive_audio, "May hear."),
        field("receive_video", &Rights::receive_video, "May see."),
        field("receive_presentation", &Rights::receive_presentation, "May see a presentation."));
  }
};

// What was dialled, and by which name the call reached us. The host finds the organisation that answers; what
// the client claims about itself never counts.
struct Dialled {
  std::string address;
  std::optional<std::string> http_host;
  std::optional<std::string> sip_trunk;
  std::optional<std::string> tls_name;

  static constexpr auto fields() {
    return field_table(
        field("address", &Dialled::address, "What was dialled: demo, demo@example.org, sip:demo@example.org.")
            .required()
            .limit(256),
        field("http_host", &Dialled::http_host, "The HTTP Host header by which the call came.").limit(256),
        field("sip_trunk", &Dialled::sip_trunk, "The domain that the SIP trunk stands for.").limit(256),
        field("tls_name", &Dialled::tls_name, "The TLS server name by which the call came.").limit(256));
  }
};

// viadux.rooms admit -> Admitted. Makes the room where the organisation allows it; checks PIN, lock and caps.
// The participant belongs to the plugin: when it stops, the participant leaves.
//
// A plugin that knows a participant of its own again (a sealed token, after a restart) gives its uuid, the
// role it had as proven_role, and `returning`. If it is still in this room it is replaced: participant_left
// (reason `replaced`), then participant_joined with the same uuid. refused/uuid_taken: somebody else has it.
struct Admit {
  Dialled to;
  Handle room;
  std::optional<std::string> pin;
  std::optional<std::string> token;
  bool ask_for_pin = false;
  std::optional<Role> proven_role;
  std::string source_address;
  std::string display_name;
  std::optional<std::string> own_organisation;
  std::optional<std::string> correlation_id;
  ParticipantKind kind = ParticipantKind::person;
  bool control_only = false;
  bool leaves_with_session = false;
  Rights rights;
  std::optional<std::string> uuid;
  bool returning = false;
  std::optional<std::string> call_tag;
  std::optional<Authenticated> authenticated;

  static constexpr auto fields() {
    return field_table(
        field("to", &Admit::to, "What was dialled.").required(),
        field("room", &Admit::room, "A running room, which counts instead; of a break-out its main room."),
        field("pin", &Admit::pin, "As the person gave it; absent is none.").limit(64),
        field("token", &Admit::token, "A bearer token: an operator of the organisation enters as host.")
            .limit(256),
        field(
            "ask_for_pin", &Admit::ask_for_pin,
            "No PIN at all is answered by pin_required where there is a host PIN, though guests need none."),
        field("proven_role", &Admit::proven_role,
              "The plugin vouches for it, as by a sealed token of an admission before: no PIN is asked."),
        field("source_address", &Admit::source_address, "Where it comes from; slows those who guess PINs.")
            .limit(64),
        field("display_name", &Admit::display_name, "What others read.").limit(128),
        field("own_organisation", &Admit::own_organisation, "Code of its own organisation, where proven.")
            .limit(64),
        field("correlation_id", &Admit::correlation_id, "Follows it through logs and records.").limit(128),
        field("kind", &Admit::kind, "What it is."),
        field("control_only", &Admit::control_only, "May stay without a media session."),
        field("leaves_with_session", &Admit::leaves_with_session, "Leaves when its last session closes."),
        field("rights", &Admit::rights, "What its protocol and policy allow; the room's are added."),
        field("uuid", &Admit::uuid, "Brings one back under its own; absent makes a new one.").limit(36),
        field("returning", &Admit::returning,
              "It was inside before, proven by the plugin: neither lock nor waiting for a host is for it."),
        field("call_tag", &Admit::call_tag, "The caller's own; goes along unread.").limit(128),
        field("authenticated", &Admit::authenticated,
              "How far the plugin knows who it is; a right PIN or token is seen by the host itself."));
  }
};

struct Admitted {
  Handle room;
  Handle participant;
  Role role = Role::guest;
  Presence presence = Presence::meeting;
  std::string uuid;
  std::string organisation;
  std::string alias;
  Authenticated authenticated = Authenticated::none;

  static constexpr auto fields() {
    return field_table(field("room", &Admitted::room, "The running room."),
                       field("participant", &Admitted::participant, "For all that follows."),
                       field("role", &Admitted::role, "By PIN, token or the room's rules."),
                       field("presence", &Admitted::presence, "In the lobby, or in the meeting."),
                       field("uuid", &Admitted::uuid, "Stable: also after a restart, if given back."),
                       field("organisation", &Admitted::organisation, "Code of the room's organisation."),
                       field("alias", &Admitted::alias, "Of the room it came into: a policy may redirect."),
                       field("authenticated", &Admitted::authenticated,
                             "How far it is known who it is; for `authenticated` when it comes back."));
  }
};

// Who asks, in every request that has `by`: the host checks what a participant may do to itself and what only
// hosts may (refused/host_only). Absent is the server itself (an operator, a policy), which may do all.

// A participant, named. viadux.rooms participant (-> Participant), leave (-> Nothing; by whose plugin brought
// it), and, all -> Nothing: disconnect, let_in (hosts), take_floor, release_floor, raise_hand, lower_hand,
// leave_breakout (itself, or hosts).
struct ParticipantRef {
  Handle participant;
  Handle by;
  static constexpr auto fields() {
    return field_table(field("participant", &ParticipantRef::participant, "Who.").required(),
                       field("by", &ParticipantRef::by, "Who asks."));
  }
};

// viadux.rooms set_participant -> Nothing. What is absent stays as it is. A guest that a host has muted can
// unmute itself only while guests_can_unmute says so (refused/muted_by_host). What it hears is its own to
// choose, what it speaks in a host's. bad_argument/channel_malformed; busy/channels_full: a room has eight
// sound channels at most.
struct SetParticipant {
  Handle participant;
  Handle by;
  std::optional<Role> role;
  std::optional<bool> audio_muted;
  std::optional<bool> video_muted;
  std::optional<Rights> rights;
  std::optional<bool> presentation_denied;
  std::optional<bool> presentation_in_picture;
  std::optional<std::string> speaks_in;
  std::optional<std::string> hears;

  static constexpr auto fields() {
    return field_table(field("participant", &SetParticipant::participant, "Who.").required(),
                       field("by", &SetParticipant::by, "Who asks."),
                       field("role", &SetParticipant::role, "Host or guest."),
                       field("audio_muted", &SetParticipant::audio_muted, "By the server."),
                       field("video_muted", &SetParticipant::video_muted, "By the server."),
                       field("rights", &SetParticipant::rights, "All six directions."),
                       field("presentation_denied", &SetParticipant::presentation_denied,
                             "Sees no presentation, whatever its rights."),
                       field("presentation_in_picture", &SetParticipant::presentation_in_picture,
                             "Sees the presentation in its picture, also with a line for slides."),
                       field("speaks_in", &SetParticipant::speaks_in,
                             "The sound channel it speaks in: 1 to 16 of a-z, 0-9, -; empty is the floor.")
                           .limit(16),
                       field("hears", &SetParticipant::hears,
                             "The sound channel it hears, over the floor; empty is the floor alone.")
                           .limit(16));
  }
};

// As events and snapshots tell it. Fields marked so are left out while false, 0 or empty.
struct Participant {
  Handle id;
  std::string uuid;
  Handle room;
  std::string display_name;
  std::string protocol;
  std::string organisation;
  std::string correlation_id;
  std::string call_tag;
  ParticipantKind kind = ParticipantKind::person;
  Role role = Role::guest;
  Presence presence = Presence::meeting;
  bool audio_muted = false;
  bool audio_muted_by_host = false;
  bool video_muted = false;
  bool client_audio_muted = false;
  bool client_video_muted = false;
  bool has_media = false;
  bool presenting = false;
  bool may_present = false;
  bool records = false;
  bool presentation_denied = false;
  bool presentation_in_picture = false;
  std::string speaks_in;
  std::string hears;
  std::int64_t hand_raised_ms = 0;
  std::int64_t spotlight = 0;
  std::int64_t spotlight_ms = 0;
  std::int64_t sessions = 0;
  std::int64_t order = 0;
  std::int64_t joined_ms = 0;
  std::optional<std::string> reason;
  Handle moved_to;

  static constexpr auto fields() {
    return field_table(
        field("id", &Participant::id, "Its handle."),
        field("uuid", &Participant::uuid, "UUIDv4; the same all the time, also after a move."),
        field("room", &Participant::room, "The running room it is in."),
        field("display_name", &Participant::display_name, "Personal: not for logs."),
        field("protocol", &Participant::protocol, "The plugin that brought it."),
        field("organisation", &Participant::organisation, "Its own organisation.").sparse(),
        field("correlation_id", &Participant::correlation_id, "Follows it through logs.").sparse(),
        field("call_tag", &Participant::call_tag, "The caller's own.").sparse(),
        field("kind", &Participant::kind, "What it is."), field("role", &Participant::role, "Its role."),
        field("presence", &Participant::presence, "In the lobby, or in the meeting."),
        field("audio_muted", &Participant::audio_muted, "By the server: its sound is dropped.").sparse(),
        field("audio_muted_by_host", &Participant::audio_muted_by_host, "And not by itself.").sparse(),
        field("video_muted", &Participant::video_muted, "By the server: its picture is dropped.").sparse(),
        field("client_audio_muted", &Participant::client_audio_muted, "It says so itself.").sparse(),
        field("client_video_muted", &Participant::client_video_muted, "It says so itself.").sparse(),
        field("has_media", &Participant::has_media, "It has a media session.").sparse(),
        field("presenting", &Participant::presenting, "It has the floor, or its slides are shown.").sparse(),
        field("may_present", &Participant::may_present, "It may take the floor.").sparse(),
        field("records", &Participant::records, "Media leaves the meeting by it.").sparse(),
        field("presentation_denied", &Participant::presentation_denied, "By a host: it is shown none.")
            .sparse(),
        field("presentation_in_picture", &Participant::presentation_in_picture,
              "It is shown one in the main picture, too.")
            .sparse(),
        field("speaks_in", &Participant::speaks_in, "The sound channel it speaks in; empty is the floor.")
            .sparse(),
        field("hears", &Participant::hears, "The sound channel it hears, over the floor.").sparse(),
        field("hand_raised_ms", &Participant::hand_raised_ms, "Since 1970-01-01 UTC; 0 is down.").sparse(),
        field("spotlight", &Participant::spotlight, "1 is shown first; 0 is not in it.").sparse(),
        field("spotlight_ms", &Participant::spotlight_ms, "In it since, as above.").sparse(),
        field("sessions", &Participant::sessions, "Media sessions it has: 0 to 4.").sparse(),
        field("order", &Participant::order, "Of joining, over the node."),
        field("joined_ms", &Participant::joined_ms, "Milliseconds since 1970-01-01 UTC."),
        field("reason", &Participant::reason, "In participant_left alone: why."),
        field("moved_to", &Participant::moved_to, "With the reason `moved`: the running room it is in now."));
  }
};

} // namespace viadux::documents

template <>
struct viadux::EnumNames<viadux::documents::Role> {
  static constexpr std::array<std::string_view, 2> names{"host", "guest"};
};
template <>
struct viadux::EnumNames<viadux::documents::ParticipantKind> {
  static constexpr std::array<std::string_view, 3> names{"person", "room_system", "service"};
};
template <>
struct viadux::EnumNames<viadux::documents::Presence> {
  static constexpr std::array<std::string_view, 2> names{"lobby", "meeting"};
};
