// viadux/documents/steering.hpp - interface "viadux.rooms": what people do in a meeting, beside coming and
// going.
#pragma once

#include <viadux/documents/room.hpp>

namespace viadux::documents {

// A running room, named by who steers it. viadux.rooms, all -> Nothing and for hosts:
//   start             hosts are not waited for any longer: who waited comes in (unless the room is locked)
//   mute_guests, unmute_guests   those who are there, and those who come
//   lower_all_hands
//   end, disconnect_all          everybody leaves (reason host_ended)
//   close_breakouts   all break-outs of this room: their participants come back
struct SteerRoom {
  Handle room;
  Handle by;
  static constexpr auto fields() {
    return field_table(field("room", &SteerRoom::room, "Which.").required(),
                       field("by", &SteerRoom::by, "Who asks."));
  }
};

// viadux.rooms set_guests_can_unmute -> Nothing. For hosts.
struct GuestsCanUnmute {
  Handle room;
  Handle by;
  bool allowed = true;
  static constexpr auto fields() {
    return field_table(
        field("room", &GuestsCanUnmute::room, "Which.").required(),
        field("by", &GuestsCanUnmute::by, "Who asks."),
        field("allowed", &GuestsCanUnmute::allowed, "A muted guest may unmute itself.").required());
  }
};

// viadux.rooms set_client_state -> Nothing: what the client says of itself; the server changes nothing by it.
struct ClientState {
  Handle participant;
  std::optional<bool> audio_muted;
  std::optional<bool> video_muted;
  static constexpr auto fields() {
    return field_table(field("participant", &ClientState::participant, "Who.").required(),
                       field("audio_muted", &ClientState::audio_muted, "Its microphone is off."),
                       field("video_muted", &ClientState::video_muted, "Its camera is off."));
  }
};

// viadux.rooms rename -> Nothing. Itself, or a host.
struct Rename {
  Handle participant;
  Handle by;
  std::string display_name;
  static constexpr auto fields() {
    return field_table(
        field("participant", &Rename::participant, "Who.").required(), field("by", &Rename::by, "Who asks."),
        field("display_name", &Rename::display_name, "What others read.").required().limit(128));
  }
};

// viadux.rooms set_role -> Nothing. For hosts.
struct SetRole {
  Handle participant;
  Handle by;
  Role role = Role::guest;
  static constexpr auto fields() {
    return field_table(field("participant", &SetRole::participant, "Who.").required(),
                       field("by", &SetRole::by, "Who asks."),
                       field("role", &SetRole::role, "Host or guest.").required());
  }
};

// viadux.rooms move -> Nothing: to another running room, with its live sessions; nothing is negotiated anew.
// For hosts of the room it is in and of the one it goes to. refused/codecs_differ, busy/room_full.
struct Move {
  Handle participant;
  Handle by;
  Handle room;
  static constexpr auto fields() {
    return field_table(field("participant", &Move::participant, "Who.").required(),
                       field("by", &Move::by, "Who asks."),
                       field("room", &Move::room, "The running room it goes to.").required());
  }
};

// viadux.rooms extend -> Nothing: a booked meeting or a break-out ends later (or earlier). For hosts. Kept in
// the store, so that who comes meanwhile gets in. bad_argument/room_malformed: not in the future.
struct Extend {
  Handle room;
  Handle by;
  std::int64_t ends_ms = 0;
  static constexpr auto fields() {
    return field_table(field("room", &Extend::room, "Which.").required(),
                       field("by", &Extend::by, "Who asks."),
                       field("ends_ms", &Extend::ends_ms, "Since 1970-01-01 UTC; 0 is never.").required());
  }
};

// viadux.rooms send_message -> Nothing: the event `message` in the room of `from`, never logged and kept as
// long as the bus keeps events (60 s). refused/chat_off, in_lobby; busy/messages_slowed.
// viadux.rooms message_breakouts -> Nothing: likewise in each break-out of that room (`to` is not for this).
// For hosts.
// With `room`, a host writes into another room of its meeting (the main room, a break-out): `to` is in that
// one.
struct SendMessage {
  Handle from;
  Handle to;
  std::string type = "text/plain";
  std::string payload;
  Handle room;
  static constexpr auto fields() {
    return field_table(
        field("from", &SendMessage::from, "Whose it is.").required(),
        field("to", &SendMessage::to, "One participant of the same room; absent is everybody in it."),
        field("type", &SendMessage::type, "Its MIME type.").limit(128),
        field("payload", &SendMessage::payload, "The message.").required().limit(64 * 1024),
        field("room", &SendMessage::room, "Absent is the room that `from` is in."));
  }
};

// As the event `message` has it.
struct Message {
  Handle from;
  std::string from_uuid;
  std::string from_name;
  Handle to;
  std::string type;
  std::string payload;
  static constexpr auto fields() {
    return field_table(
        field("from", &Message::from, "Whose it is; it does not get it back."),
        field("from_uuid", &Message::from_uuid, "Its uuid."),
        field("from_name", &Message::from_name, "Its name. Personal: not for logs."),
        field("to", &Message::to, "For this participant alone; absent is for all."),
        field("type", &Message::type, "Its MIME type."),
        field("payload", &Message::payload, "The message. Personal: not for logs.").limit(64 * 1024));
  }
};

// viadux.rooms send_digits -> Nothing: the event `digits` in the room of `from`. Keys of a telephone: for the
// participant `to`, whose plugin hands them on, or for whoever listens. busy/messages_slowed.
struct SendDigits {
  Handle from;
  Handle to;
  std::string digits;
  static constexpr auto fields() {
    return field_table(
        field("from", &SendDigits::from, "Who presses them.").required(),
        field("to", &SendDigits::to, "One participant of the same room, or of its break-outs for a host."),
        field("digits", &SendDigits::digits, "0 to 9, *, #, A to D.").required().limit(64));
  }
};

// As the event `digits` has it. They may be a code: not for logs.
struct Digits {
  Handle from;
  Handle to;
  std::string digits;
  static constexpr auto fields() {
    return field_table(field("from", &Digits::from, "Who presses them."),
                       field("to", &Digits::to, "For this participant; absent is for whoever listens."),
                       field("digits", &Digits::digits, "0 to 9, *, #, A to D."));
  }
};

} // namespace viadux::documents
