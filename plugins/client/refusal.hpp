// Which status and which words say which of the core's reasons. The only place for that. Clients match some
// of the words exactly, and show the rest as they are.
#pragma once

#include "answer.hpp"

#include <viadux/documents/error.hpp>

namespace client {

namespace words {
inline constexpr std::string_view unknown_room = "Neither conference nor gateway found";
inline constexpr std::string_view invalid_token = "Invalid token";
inline constexpr std::string_view invalid_role = "Invalid role";
inline constexpr std::string_view too_often = "Out of resource";
inline constexpr std::string_view maintenance = "System in maintenance mode";
inline constexpr std::string_view policy_refuses = "Your organisation does not allow this";
inline constexpr std::string_view kicked = "Disconnected by another participant";
inline constexpr std::string_view ended_for_all = "Conference terminated by another participant";
inline constexpr std::string_view waited_too_long =
    "Timeout waiting for conference host to join or permit access to locked conference";
} // namespace words

// Of a join: request_token.
viadux::HttpResponse refuse_join(const viadux::Error& error);
// Of what a participant asks for: 403 for what may not be, since older clients know nothing else.
viadux::HttpResponse refuse(const viadux::Error& error);
// Why a participant is out, in the words of a `disconnect` event.
std::string_view words_of_leaving(std::string_view reason);

} // namespace client
