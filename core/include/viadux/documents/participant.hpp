// viadux/documents/participant.hpp - interface "viadux.rooms": who is in a room, and how one gets in and out.
//
// Failures carry a word of the core's table of reasons (pin_wrong, room_full, participant_gone ...), which
// each signalling plugin maps to its protocol in one file.
#pragma once

#include <viadux/document.hpp>

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
struct Admit {
  Dialled to;
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

  static constexpr auto fields() {
    return field_table(
        field("to", &Admit::to, "What was dialled.").required(),
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
        field("rights", &Admit::rights, "What its protocol and policy allow; the room's are added."));
  }
};

struct Admitted {
  Handle room;
  Handle participant;
  Role role = Role::guest;
  Presence presence = Presence::meeting;

  static constexpr auto fields() {
    return field_table(field("room", &Admitted::room, "The running room."),
                       field("participant", &Admitted::participant, "For all that follows."),
                       field("role", &Admitted::role, "By PIN, token or the room's rules."),
                       field("presence", &Admitted::presence, "In the lobby, or in the meeting."));
  }
};

// A participant, named: viadux.rooms leave, disconnect, let_in (-> Nothing) and participant (-> Participant).
struct ParticipantRef {
  Handle participant;
  static constexpr auto fields() {
    return field_table(field("participant", &ParticipantRef::participant, "Who.").required());
  }
};

// viadux.rooms set_participant -> Nothing. What is absent stays as it is.
struct SetParticipant {
  Handle participant;
  std::optional<Role> role;
  std::optional<bool> audio_muted;
  std::optional<bool> video_muted;
  std::optional<Rights> rights;

  static constexpr auto fields() {
    return field_table(field("participant", &SetParticipant::participant, "Who.").required(),
                       field("role", &SetParticipant::role, "Host or guest."),
                       field("audio_muted", &SetParticipant::audio_muted, "By the server."),
                       field("video_muted", &SetParticipant::video_muted, "By the server."),
                       field("rights", &SetParticipant::rights, "All six directions."));
  }
};

// As events and snapshots tell it.
struct Participant {
  Handle id;
  Handle room;
  std::string display_name;
  std::string protocol;
  std::string organisation;
  std::string correlation_id;
  ParticipantKind kind = ParticipantKind::person;
  Role role = Role::guest;
  Presence presence = Presence::meeting;
  bool audio_muted = false;
  bool video_muted = false;
  std::int64_t sessions = 0;
  std::int64_t order = 0;
  std::int64_t joined_ms = 0;
  std::optional<std::string> reason;

  static constexpr auto fields() {
    return field_table(field("id", &Participant::id, "Its handle."),
                       field("room", &Participant::room, "The running room it is in."),
                       field("display_name", &Participant::display_name, "Personal: not for logs."),
                       field("protocol", &Participant::protocol, "The plugin that brought it."),
                       field("organisation", &Participant::organisation, "Its own organisation."),
                       field("correlation_id", &Participant::correlation_id, "Follows it through logs."),
                       field("kind", &Participant::kind, "What it is."),
                       field("role", &Participant::role, "Its role."),
                       field("presence", &Participant::presence, "In the lobby, or in the meeting."),
                       field("audio_muted", &Participant::audio_muted, "By the server."),
                       field("video_muted", &Participant::video_muted, "By the server."),
                       field("sessions", &Participant::sessions, "Media sessions it has: 0 to 4."),
                       field("order", &Participant::order, "Of joining, over the node."),
                       field("joined_ms", &Participant::joined_ms, "Milliseconds since 1970-01-01 UTC."),
                       field("reason", &Participant::reason, "In participant_left alone: why."));
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
