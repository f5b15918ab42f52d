#include "core/http/target.hpp"

#include "core/http/text.hpp"

#include <algorithm>
#include <charconv>

namespace viadux {
namespace {

constexpr std::size_t max_query_params = 256;

bool parse_query(HttpTarget& target) {
  std::string_view rest = target.raw_query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto key = percent_decoded(pair.substr(0, equals), true);
    auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value || target.query.size() >= max_query_params) return false;
    if (value->find('\0') != value->npos || !is_utf8(*key) || !is_utf8(*value)) return false;
    target.query.emplace_back(std::move(*key), std::move(*value));
  }
  return true;
}

bool parse_path(std::string_view raw, HttpTarget& target) {
  while (!raw.empty()) {
    raw.remove_prefix(1); // the '/'
    const std::size_t end = std::min(raw.find('/'), raw.size());
    auto segment = percent_decoded(raw.substr(0, end));
    if (!segment || *segment == "." || *segment == ".." || !is_utf8(*segment) ||
        has_control_character(*segment))
      return false;
    target.path += '/';
    target.path += *segment;
    target.segments.push_back(std::move(*segment));
    raw.remove_prefix(end);
  }
  return true;
}

} // namespace

std::optional<HttpTarget> parse_target(std::string_view text) {
  HttpTarget target;
  if (text == "*") {
    target.path = "*";
    return target;
  }
  if (!text.starts_with('/')) { // absolute form
    const std::size_t scheme = text.find("://");
    if (scheme == text.npos) return std::nullopt;
    const std::string_view name = text.substr(0, scheme);
    if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https")) return std::nullopt;
    text.remove_prefix(scheme + 3);
    const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
    target.authority = text.substr(0, end);
    text.remove_prefix(end);
    if (target.authority.empty()) return std::nullopt;
  }
  // A fragment is never sent (RFC 9112, 3.2.1); a '#' here is not a target.
  if (text.find('#') != text.npos) return std::nullopt;
  const std::size_t question = std::min(text.find('?'), text.size());
  std::string_view path = text.substr(0, question);
  if (path.empty()) path = "/";
  target.raw_query = text.substr(std::min(question + 1, text.size()));
  if (!parse_path(path, target) || !parse_query(target)) return std::nullopt;
  return target;
}

std::optional<HttpAuthority> parse_authority(std::string_view text) {
  HttpAuthority authority;
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return std::nullopt;
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    const auto is_address = [](char c) {
      return c == ':' || c == '.' || c == '%' || std::isxdigit(static_cast<unsigned char>(c));
    };
    if (host.empty() || !std::all_of(host.begin(), host.end(), is_address)) return std::nullopt;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    host = text.substr(0, colon);
    port = text.substr(colon);
    const auto is_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' || (c & 0x80);
    };
    if (!std::all_of(host.begin(), host.end(), is_name) || !is_utf8(host)) return std::nullopt;
  }
  if (host.size() > 255) return std::nullopt;
  if (!port.empty()) {
    if (port.front() != ':') return std::nullopt;
    port.remove_prefix(1);
    if (!port.empty()) {
      const auto parsed = std::from_chars(port.data(), port.data() + port.size(), authority.port);
      if (parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size()) return std::nullopt;
    }
  }
  authority.host = lower_case(host);
  return authority;
}

} // namespace viadux
