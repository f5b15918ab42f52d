#include "refusal.hpp"

#include <array>
#include <cstdint>

namespace sip {
namespace {

using viadux::ErrorCode;

struct Mapped {
  std::string_view reason;
  int status;
  unsigned retry_after_s = 0;
};
// Only where the error's code would not say it well.
constexpr std::array mapped = {
    Mapped{"address_malformed", 404}, Mapped{"alias_malformed", 404},
    Mapped{"pin_slowed", 480, 30},    Mapped{"room_locked", 480},
    Mapped{"room_full", 486},         Mapped{"organisation_full", 486},
    Mapped{"no_media", 480},          Mapped{"disconnected_by_host", 603},
};

// All that is no room is one answer, to the letter: nobody learns what there is by dialling.
constexpr std::string_view not_there = "There is no such meeting room, or it is not open now.";

int status_of(const viadux::Error& error) {
  // An offer that cannot be read is the unit's, and it may have another one.
  if (error.reason.starts_with("sdp_")) return 488;
  switch (error.code) {
  case ErrorCode::bad_argument:
    return 400;
  case ErrorCode::not_found:
    return 404;
  case ErrorCode::gone:
    return 480;
  case ErrorCode::refused:
    return 403;
  case ErrorCode::busy:
  case ErrorCode::timeout:
  case ErrorCode::cancelled:
    return 503;
  case ErrorCode::unsupported:
    return 488;
  case ErrorCode::ok:
  case ErrorCode::internal:
    break;
  }
  return 500;
}

struct Departure {
  std::string_view reason;
  std::string_view text;
};
constexpr std::array departures = {
    Departure{"host_ended", "The host has ended the meeting."},
    Departure{"disconnected_by_host", "A host has ended the connection."},
    Departure{"media_ended", "The media connection was lost."},
    Departure{"no_media", "No media connection was made in time."},
    Departure{"lobby_timeout", "Nobody let the participant in."},
    Departure{"room_closed", "The meeting room has closed."},
    Departure{"server_stopping", "The server is about to stop."},
    Departure{"replaced", "The participant has joined again."},
    Departure{"hosts_gone", "The meeting has ended because its host left."},
    Departure{"nobody_left", "The meeting has ended because everybody left."},
    Departure{"breakout_ended", "The break-out room has closed."},
    Departure{"session_gone", "The media connection has ended."},
};

// A quoted string (RFC 3261 section 25.1); a policy may have written it.
std::string quoted(std::string_view text) {
  std::string quote = "\"";
  for (const char c : text.substr(0, 200)) {
    if (static_cast<std::uint8_t>(c) < 0x20 || static_cast<std::uint8_t>(c) >= 0x7f) {
      quote += static_cast<std::uint8_t>(c) < 0x80 ? ' ' : c;
      continue;
    }
    if (c == '"' || c == '\\') quote += '\\';
    quote += c;
  }
  return quote + '"';
}

} // namespace

Refusal refusal(const viadux::Error& error) {
  Refusal answer;
  answer.status = status_of(error);
  for (const Mapped& entry : mapped) {
    if (entry.reason != error.reason) continue;
    answer.status = entry.status;
    answer.retry_after_s = entry.retry_after_s;
  }
  if (answer.status == 503) answer.retry_after_s = 10;
  answer.text = answer.status == 404 ? std::string(not_there) : error.message;
  return answer;
}

std::string warning_of(std::string_view text) {
  return "399 viadux " + quoted(text);
}

std::string goodbye(std::string_view reason) {
  for (const Departure& entry : departures)
    if (entry.reason == reason) return "Q.850;cause=16;text=" + quoted(entry.text);
  return "Q.850;cause=16;text=\"The connection has ended.\"";
}

} // namespace sip
