// Every refusal the core gives to somebody who wants to meet, in one table. A signalling plugin maps the
// words to its protocol in one file of its own; people read the sentence in their language. [any thread]
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <viadux/result.hpp>

namespace viadux {

// The order is that of the table in reasons.cpp (checked there); append only, since metrics and plugins use
// the words.
enum class Reason : std::uint8_t {
  room_unknown,      // unknown, not open yet, or expired: strangers cannot tell which
  pin_required,      //
  pin_wrong,         //
  pin_slowed,        // too many wrong PINs: wait
  guests_refused,    // the room takes no guests
  room_locked,       //
  room_full,         //
  organisation_full, // participants in all of the organisation's rooms
  node_full,         // participants or rooms of this server
  rooms_full,        // no more rooms may be made
  alias_taken,       //
  alias_malformed,
  layout_unknown,       //
  room_malformed,       // the settings or PINs cannot be used
  storage_unavailable,  // the database does not answer
  participant_gone,     //
  session_gone,         //
  room_gone,            //
  sessions_full,        // a participant may have four
  in_lobby,             // not let in yet
  not_in_lobby,         //
  host_ended,           // from here on: why a participant left
  disconnected_by_host, //
  left,                 //
  media_ended,          // the session it came with has closed
  no_media,             // no session within the time
  lobby_timeout,        // nobody let it in
  room_closed,          // the room's window in time has ended, or it was removed
  server_stopping,      //
  replaced,             // the same participant came again
  moved,                // to another room
  hosts_gone,           // the room ends without its hosts
  nobody_left,          // only services were in it
  breakout_ended,       // it was in a break-out that disconnects its people at the end
  host_only,            // from here on: refusals again
  uuid_taken,           //
  muted_by_host,        // and guests may not unmute themselves
  present_refused,      // it may not present
  chat_off,             //
  messages_slowed,      // too many in too short a time
  message_malformed,    // empty, too large, or its type is none
  codecs_differ,        // the rooms' video codecs
  breakouts_full,       //
  not_a_breakout,       //
  policy_refused,       // the organisation's policy says no, perhaps in words of its own
  policy_unavailable,   // the policy failed, and nobody is there to let people in
  channel_malformed,    // its name
  channels_full,        // no more in a room
};

// Why a participant left, and not why something was refused.
constexpr bool departs(Reason reason) {
  return reason >= Reason::host_ended && reason < Reason::host_only;
}

struct ReasonEntry {
  Reason reason;
  std::string_view word; // stable, for programs
  ErrorCode code;
  std::string_view english;
  std::string_view danish;
};

std::span<const ReasonEntry> all_reasons();
const ReasonEntry& reason_entry(Reason reason);
// None for a word that is not in the table.
const ReasonEntry* find_reason(std::string_view word);
std::string_view word_of(Reason reason);

// The table's error, with the English sentence.
Error refusal(Reason reason, std::string field = {}, std::string hint = {});
// What an organisation's policy says to somebody whom it refuses; "" is the table's sentence.
Error policy_refusal(const std::string& message);
// The sentence for a person; `language` as in Accept-Language ("da", "da-DK"), English for others. For a word
// that is not in the table, and for what a policy has written, the error's own message.
std::string_view sentence(const Error& error, std::string_view language);

} // namespace viadux
