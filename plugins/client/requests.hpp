// What clients send. Only what we use is read; the rest is ignored.
#pragma once

#include <viadux/document.hpp>

namespace client {

struct TokenRequest {
  std::string display_name;
  std::string token; // a ticket from `refer`
  std::string call_tag;
  std::string conference_extension;
  bool direct_media = false; // it can; not a demand
  bool breakout_rooms = false;
  bool breakout_capable = false;
  std::optional<bool> supports_direct_chat;

  // The web client does not say so itself; no client without it speaks of direct chat.
  bool knows_breakouts() const {
    return breakout_rooms || breakout_capable || supports_direct_chat.has_value();
  }
  bool many_slots = false;

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("display_name", &TokenRequest::display_name, "What others read."),
        field("token", &TokenRequest::token, "A ticket: once, without a PIN."),
        field("call_tag", &TokenRequest::call_tag, "Shown in the roster."),
        field("conference_extension", &TokenRequest::conference_extension,
              "The address typed in a reception."),
        field("direct_media", &TokenRequest::direct_media, "It can."),
        field("breakout_rooms", &TokenRequest::breakout_rooms, "Knows them."),
        field("breakout_capable", &TokenRequest::breakout_capable, "Knows them."),
        field("supports_direct_chat", &TokenRequest::supports_direct_chat, "Takes messages to one."),
        field("many_slots", &TokenRequest::many_slots, "It can lay out several pictures: docs/client.md."));
  }
};

struct CallRequest {
  std::string call_type;
  std::string sdp;
  std::string media_type;
  std::string present; // "", send, receive, main
  bool many_slots = false;

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(field("call_type", &CallRequest::call_type, "WEBRTC."),
                               field("sdp", &CallRequest::sdp, "The offer.").limit(128 * 1024),
                               field("media_type", &CallRequest::media_type, "video, video-only or audio."),
                               field("present", &CallRequest::present, "Of an older client's second call."),
                               field("many_slots", &CallRequest::many_slots,
                                     "Each receiving line is a slot of its own: docs/client.md."));
  }
};

struct CandidateRequest {
  std::string candidate;
  std::string mid;
  std::string ufrag;
  std::string pwd;

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(field("candidate", &CandidateRequest::candidate, "Empty is the last."),
                               field("mid", &CandidateRequest::mid, "Of the media line."),
                               field("ufrag", &CandidateRequest::ufrag, "Its generation."),
                               field("pwd", &CandidateRequest::pwd, "Its generation."));
  }
};

struct AckRequest {
  std::string sdp; // in direct media: the answer to the other one's offer
  bool offer_ignored = false;

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("sdp", &AckRequest::sdp, "The answer.").limit(128 * 1024),
        field("offer_ignored", &AckRequest::offer_ignored, "It has made an offer itself."));
  }
};

struct MessageRequest {
  std::string type = "text/plain";
  std::string payload;

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("type", &MessageRequest::type, "text/plain or application/json.").limit(64),
        field("payload", &MessageRequest::payload, "What is said.").limit(32 * 1024));
  }
};

struct BreakoutRequest {
  std::string name;
  std::string description;
  double duration = 0;
  std::string end_action;
  viadux::Json participants; // {room: [uuid]}; the main room is "main"
  std::optional<bool> guests_allowed_to_leave;
  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("name", &BreakoutRequest::name, "What people read.").limit(128),
        field("description", &BreakoutRequest::description, "For its people.").limit(256),
        field("duration", &BreakoutRequest::duration, "Seconds; 0 is as long as the meeting."),
        field("end_action", &BreakoutRequest::end_action, "transfer or disconnect."),
        field("participants", &BreakoutRequest::participants, "Who is moved, by room."),
        field("guests_allowed_to_leave", &BreakoutRequest::guests_allowed_to_leave, "By themselves."));
  }
};

struct MoveRequest {
  std::string breakout_uuid; // "" or "main" is the main room
  std::vector<std::string> participants;
  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(field("breakout_uuid", &MoveRequest::breakout_uuid, "Where to.").limit(64),
                               field("participants", &MoveRequest::participants, "Their uuids.").limit(1024));
  }
};

struct DigitsRequest {
  std::string digits;
  static constexpr auto fields() {
    return viadux::field_table(
        viadux::field("digits", &DigitsRequest::digits, "0 to 9, *, #, A to D.").limit(64));
  }
};

struct RoleRequest {
  std::string role;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("role", &RoleRequest::role, "chair or guest."));
  }
};

struct TransferRequest {
  std::string conference_alias;
  std::string role = "guest";
  std::string pin;
  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("conference_alias", &TransferRequest::conference_alias, "Where to.").limit(256),
        field("role", &TransferRequest::role, "host or guest."),
        field("pin", &TransferRequest::pin, "Of the other room.").limit(64));
  }
};

struct DialRequest {
  std::string destination;
  std::string protocol;
  std::string role;
  std::string remote_display_name;
  std::string source_display_name;
  std::string dtmf_sequence;
  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("destination", &DialRequest::destination, "Whom to call.").limit(256),
        field("protocol", &DialRequest::protocol, "sip, h323, auto ...").limit(16),
        field("role", &DialRequest::role, "HOST or GUEST."),
        field("remote_display_name", &DialRequest::remote_display_name, "Of the called one.").limit(128),
        field("source_display_name", &DialRequest::source_display_name, "What it reads.").limit(128),
        field("dtmf_sequence", &DialRequest::dtmf_sequence, "Keys to press then.").limit(64));
  }
};

struct LogRequest {
  std::string slot;
  bool begin = false;
  std::vector<std::string> lines;

  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("slot", &LogRequest::slot, "The browser's own name of it, by chance."),
        field("begin", &LogRequest::begin, "It has joined: what was there is forgotten."),
        field("lines", &LogRequest::lines, "What happened; no names, nothing of what is said.").limit(256));
  }
};

struct SettingRequest {
  bool setting = true;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("setting", &SettingRequest::setting, "On or off."));
  }
};

struct StateRequest {
  bool state = false;
  static constexpr auto fields() {
    return viadux::field_table(
        viadux::field("state", &StateRequest::state, "Whether it is to be.").required());
  }
};

// What is absent stays as it is; "" is the floor.
struct ChannelsRequest {
  std::optional<std::string> speaks_in;
  std::optional<std::string> hears;
  static constexpr auto fields() {
    using viadux::field;
    return viadux::field_table(
        field("speaks_in", &ChannelsRequest::speaks_in, "The sound channel it speaks in."),
        field("hears", &ChannelsRequest::hears, "The sound channel it hears, over the floor."));
  }
};

struct TextRequest {
  std::string text;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("text", &TextRequest::text, "Beside the picture.").limit(256));
  }
};

} // namespace client
