// What is masked in log lines and in messages to people. [any thread]
#pragma once

#include <string>
#include <string_view>

namespace viadux {

inline constexpr std::string_view redacted_text = "***";

// Whether a field of this name holds a secret or something personal whatever its value: "pin", "host_pin",
// "token", "phone", "cpr" and the like, alone or as the last word of a snake_case, kebab-case or camelCase
// name.
bool is_redacted_name(std::string_view name);

// Masks inside a free text:
//   - CPR numbers: DDMMYY-XXXX, also with a space or nothing between, where day and month are possible;
//   - telephone numbers: E.164 with + or 00, 45 and eight digits, Danish eight digits (also in pairs or
//   fours);
//   - the query of a URL: "/api?pin=1" becomes "/api?***";
//   - credentials: "Bearer x", "Basic x", our own "vdx_..." tokens, JSON web tokens;
//   - the value after the name of a secret: "pin=1234", "\"token\": \"x\"".
// A run of digits inside a longer word, a UUID, a decimal number or an IP address is left alone. Linear in
// time.
std::string scrub(std::string_view text);

} // namespace viadux
