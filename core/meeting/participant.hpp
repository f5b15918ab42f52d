// One participant of a meeting. [control]
#pragma once

#include "core/meeting/token_bucket.hpp"
#include "core/mixer/mix_control.hpp"
#include "core/session/media_control.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace viadux {

using RoomId = std::uint64_t;        // a running meeting: index and generation; 0 is none
using ParticipantId = std::uint64_t; // likewise, over all rooms

enum class Role : std::uint8_t { host = 1, guest = 2 };
enum class ParticipantKind : std::uint8_t { person = 1, room_system = 2, service = 3 };
enum class Presence : std::uint8_t {
  lobby = 1, // has a session perhaps, but sees and hears nobody
  meeting = 2,
};

std::string_view to_word(Role role);
std::string_view to_word(ParticipantKind kind);
std::string_view to_word(Presence presence);

struct ParticipantSession {
  SessionId id = 0;
  ParticipantId except = 0; // whose media is left out, beside its own
  bool is_source = false;   // no connection: one track that a plugin plays (Rooms::publish_track)
  bool connected = false;
  bool auto_audio = false;      // one audio line that is to hear everybody
  bool auto_video = false;      // one picture that is to show everybody
  std::optional<Layout> layout; // its own; else the room's
  bool stills = false;          // one picture that must not stop
  bool tell_slots = false;      // its slots are told of
  std::vector<TrackInfo> tracks;
  std::vector<SlotInfo> slots;
};

struct Participant {
  explicit Participant(ParticipantId handle) : id(handle) {}

  ParticipantId id;
  std::string uuid; // version 4, lower case; stays through moves and, if its plugin gives it back, restarts
  RoomId room = 0;
  std::string display_name;     // personal: memory and documents only, never the log
  std::string protocol;         // "whip", "client", "sip": for documents and metrics
  std::string own_organisation; // code of the participant's own; only ever adds rights
  std::string correlation_id;   // the caller's; follows it through logs and records
  std::string call_tag;         // the caller's; goes along unread
  ParticipantKind kind = ParticipantKind::person;
  Role role = Role::guest;
  Presence presence = Presence::meeting;
  bool must_be_let_in = false;      // by the organisation's policy: waits in the lobby for a host
  bool passed_lock = false;         // proved to be a host, or was let in: a lock is not for it
  bool audio_muted = false;         // by the server
  bool audio_muted_by_host = false; // and not by itself
  bool video_muted = false;
  bool client_audio_muted = false; // the client says so of itself
  bool client_video_muted = false;
  bool presenting = false;              // has the floor, or its slides are shown
  bool may_present = false;             // may take the floor
  bool presentation_denied = false;     // by a host
  bool presentation_in_picture = false; // wants it there, too
  std::string speaks_in;                // a channel, as an interpreter does; "" is the floor
  std::string hears;                    // likewise
  bool control_only = false;            // may stay without a session
  bool leaves_with_session = false;     // ends when its last session closes
  MediaRights rights;                   // what its protocol and policy allow; the role's are added below
  std::uint64_t order = 0;              // of joining, over the node
  std::int64_t joined_ms = 0;
  std::int64_t hand_raised_ms = 0; // 0 is down; no two in a room are equal
  std::size_t spotlight = 0;       // 1 is shown first; 0 is not in it
  std::int64_t spotlight_ms = 0;
  std::int64_t lonely_since_us = 0; // without a session since; 0 while it has one
  std::int64_t lobby_since_us = 0;
  MediaRights granted;                      // what its sessions were last told
  TokenBucket messages{20, 2};              // in one go, and a second
  std::vector<ParticipantSession> sessions; // at most 4

  // Sound or pictures leave the meeting by it: a recorder, a stream; not a voice that only speaks.
  bool records() const;
  const ParticipantSession* session(SessionId which) const {
    for (const ParticipantSession& each : sessions)
      if (each.id == which) return &each;
    return nullptr;
  }
};

inline constexpr std::size_t sessions_per_participant = 4;

// A room has at most so many channels at a time. A name: 1 to 16 of a-z, 0-9 and '-' (a BCP 47 tag is one).
inline constexpr std::size_t channels_per_room = 8;
bool channel_ok(std::string_view name);

// At most 128 bytes, cut at a character's border, so that the rest is still UTF-8.
std::string cut_name(std::string text);

// Rights that hold only where both allow.
MediaRights both(const MediaRights& a, const MediaRights& b);
bool same(const MediaRights& a, const MediaRights& b);

} // namespace viadux
