// What a caller has dialled and what it calls itself, as the core's documents want it.
#pragma once

#include <string>
#include <string_view>

namespace sip {

// The user part of a request's URI may end with the room's PIN, for units that can do no more than dial:
// sip:1234.567890@example.org. Since an alias may have dots too, both readings are given; a room that is
// there by the whole name is meant by it.
struct Target {
  std::string whole;   // 1234.567890@example.org
  std::string address; // 1234@example.org; empty without a PIN
  std::string pin;
};

// `user` and `host` as in the URI. An IPv6 address as the host says nothing about the room and is left out.
Target read_target(std::string_view user, std::string_view host);

// A From header's display name, else the user part: no quotes, no control characters, at most 128 bytes.
std::string display_name(std::string_view display, std::string_view user);

// Old units write Latin-1. What is no UTF-8 has a question mark for each byte that is not ASCII: documents
// are UTF-8, and nothing that matters in SDP is beyond ASCII.
std::string as_utf8(std::string_view text);

} // namespace sip
