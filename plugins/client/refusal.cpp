#include "refusal.hpp"

#include <array>

namespace client {
namespace {

struct Mapped {
  std::string_view reason;
  unsigned status;
  std::string_view text; // empty: the core's own sentence
};

// Unknown, not open yet and expired are one answer already in the core.
constexpr std::array joins = {
    Mapped{"room_unknown", 404, words::unknown_room},
    Mapped{"alias_malformed", 404, words::unknown_room},
    Mapped{"address_malformed", 404, words::unknown_room},
    Mapped{"address_unknown", 404, words::unknown_room},
    Mapped{"organisation_unknown", 404, words::unknown_room},
    Mapped{"pin_wrong", 403, "Invalid PIN"},
    Mapped{"pin_slowed", 403, "Participant exceeded PIN entry retries"},
    Mapped{"room_locked", 403, ""},
    Mapped{"guests_refused", 403, ""},
    Mapped{"room_full", 403, "Participant limit reached"},
    Mapped{"organisation_full", 403, "Participant limit reached"},
    Mapped{"node_full", 503, "Out of resource"},
    Mapped{"rooms_full", 503, "Out of resource"},
    Mapped{"storage_unavailable", 503, "Out of resource"},
    Mapped{"server_stopping", 503, words::maintenance},
    Mapped{"token_unknown", 403, words::invalid_token},
    Mapped{"token_expired", 403, words::invalid_token},
    Mapped{"token_revoked", 403, words::invalid_token},
    Mapped{"auth_slowed", 403, words::invalid_token},
};

constexpr std::array leavings = {
    Mapped{"disconnected_by_host", 0, words::kicked},
    Mapped{"host_ended", 0, words::ended_for_all},
    Mapped{"lobby_timeout", 0, words::waited_too_long},
    Mapped{"room_closed", 0, "Conference terminated by an administrator"},
    Mapped{"no_media", 0, "Call disconnected"},
    Mapped{"media_ended", 0, "Call disconnected"},
    Mapped{"server_stopping", 0, "Signaling node disconnected"},
};

std::string_view sentence_of(const viadux::Error& error) {
  return error.message.empty() ? std::string_view("The server could not do this") : error.message;
}

} // namespace

viadux::HttpResponse refuse_join(const viadux::Error& error) {
  for (const Mapped& entry : joins)
    if (entry.reason == error.reason)
      return failed(entry.status, entry.text.empty() ? sentence_of(error) : entry.text);
  // Clients know these codes of a join, and take any other for a broken network.
  const bool ours = error.code == viadux::ErrorCode::internal || error.code == viadux::ErrorCode::timeout ||
                    error.code == viadux::ErrorCode::busy || error.code == viadux::ErrorCode::cancelled;
  return failed(ours ? 503 : 403, sentence_of(error));
}

viadux::HttpResponse refuse(const viadux::Error& error) {
  return failed(error.code == viadux::ErrorCode::bad_argument ? 400 : 403, sentence_of(error));
}

std::string_view words_of_leaving(std::string_view reason) {
  for (const Mapped& entry : leavings)
    if (entry.reason == reason) return entry.text;
  return "Call disconnected";
}

} // namespace client
