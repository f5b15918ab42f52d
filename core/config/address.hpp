// What was dialled, in the one form in which everything compares it. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <viadux/result.hpp>

namespace viadux {

struct Address {
  std::string local;  // the alias: "demo"; never empty
  std::string domain; // "example.org"; "" when only a local part or an IP address was dialled
  bool operator==(const Address&) const = default;
};
std::string to_string(const Address& address);

// Takes "Demo", "demo@Example.org", "sip:demo@example.org:5061;transport=tls", "demo%40example.org": a scheme
// (sip, sips, h323, tel), URI parameters, port and a domain's last dot are cut, percent escapes decoded once,
// letters lower-cased (ASCII and Latin-1, for æ, ø, å). Errors (bad_argument, reason "address_malformed"):
// empty, longer than 256 bytes, a broken escape, control characters, spaces, slashes or a second '@', not
// UTF-8.
Result<Address> parse_address(std::string_view dialled);

// A domain as written in a configuration, a Host header or a TLS name, in the same form: lower case, no port,
// no last dot. Empty when it is an IP address or no domain at all.
std::string normal_domain(std::string_view name);

} // namespace viadux
