// What a request line asks for: path, query, authority. Hostile input; see tests/fuzz/http_request.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viadux {

struct HttpTarget {
  std::string path;                  // decoded once; valid UTF-8 without control characters
  std::vector<std::string> segments; // the path's, decoded once: "/a/b/" gives "a", "b", ""
  std::string raw_query;
  std::vector<std::pair<std::string, std::string>> query;
  std::string authority; // of an absolute target, which goes before Host (RFC 9112, 3.2.2); else ""
};

// Nothing when the target is malformed. A segment "." or ".." is refused, encoded or not: browsers and
// clients resolve them before sending, so that who sends one is looking for a hole. "*" has the path "*".
std::optional<HttpTarget> parse_target(std::string_view target);

struct HttpAuthority {
  std::string host; // lower case, IPv6 without brackets
  std::uint16_t port = 0;
};
// A Host field or an authority: "example.org:8080", "[::1]:80". Nothing when it is malformed.
std::optional<HttpAuthority> parse_authority(std::string_view text);

} // namespace viadux
