#include "core/http/route_table.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace viadux {
namespace {

Error bad_pattern(const std::string& pattern, const std::string& why) {
  return make_error(ErrorCode::bad_argument, "route_invalid", "route pattern '" + pattern + "' " + why);
}

} // namespace

bool HttpRouteTable::is_known_method(std::string_view method) {
  static constexpr std::array<std::string_view, 7> known = {"GET",   "HEAD",   "POST",   "PUT",
                                                            "PATCH", "DELETE", "OPTIONS"};
  return std::find(known.begin(), known.end(), method) != known.end();
}

Result<std::vector<HttpRouteTable::Segment>> HttpRouteTable::parse(const std::string& pattern) {
  if (!pattern.starts_with('/')) return bad_pattern(pattern, "must start with '/'");
  std::vector<Segment> segments;
  std::set<std::string> names;
  std::string_view rest = pattern;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end);
    if (!text.starts_with('{')) {
      if (text.find_first_of("{}?#%") != text.npos || text == "." || text == "..")
        return bad_pattern(pattern, "has an odd segment '" + std::string(text) + "'");
      segments.push_back({SegmentKind::literal, std::string(text)});
      continue;
    }
    if (!text.ends_with('}')) return bad_pattern(pattern, "has a '{' that is not closed before the next '/'");
    std::string_view name = text.substr(1, text.size() - 2);
    const bool takes_rest = name.ends_with("...");
    if (takes_rest) name.remove_suffix(3);
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!is_name) return bad_pattern(pattern, "has a parameter whose name is not of a-z, 0-9 and _");
    if (takes_rest && !rest.empty())
      return bad_pattern(pattern, "has '{" + std::string(name) + "...}' before its end");
    if (!names.insert(std::string(name)).second) return bad_pattern(pattern, "names a parameter twice");
    segments.push_back({takes_rest ? SegmentKind::rest : SegmentKind::parameter, std::string(name)});
  }
  return segments;
}

bool HttpRouteTable::same_shape(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Segment& x, const Segment& y) {
    return x.kind == y.kind && (x.kind != SegmentKind::literal || x.text == y.text);
  });
}

bool HttpRouteTable::goes_before(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const Segment& x, const Segment& y) { return x.kind < y.kind; });
}

bool HttpRouteTable::matches(const Path& path, const std::vector<std::string>& segments) {
  for (std::size_t i = 0; i < path.segments.size(); ++i) {
    const Segment& expected = path.segments[i];
    if (i >= segments.size()) return false;
    if (expected.kind == SegmentKind::rest) return true;
    if (expected.kind == SegmentKind::parameter ? segments[i].empty() : segments[i] != expected.text)
      return false;
  }
  return path.segments.size() == segments.size();
}

std::vector<std::pair<std::string, std::string>>
HttpRouteTable::params_of(const std::vector<Segment>& pattern, const std::vector<std::string>& segments) {
  std::vector<std::pair<std::string, std::string>> params;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].kind == SegmentKind::literal) continue;
    std::string value = segments[i];
    if (pattern[i].kind == SegmentKind::rest)
      for (std::size_t j = i + 1; j < segments.size(); ++j)
        value += '/' + segments[j];
    params.emplace_back(pattern[i].text, std::move(value));
  }
  return params;
}

Result<void> HttpRouteTable::add(std::shared_ptr<Route> route) {
  if (!is_known_method(route->method))
    return make_error(ErrorCode::bad_argument, "route_invalid",
                      "route method '" + route->method +
                          "' is not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  auto segments = parse(route->pattern);
  if (!segments) return segments.error();
  for (Path& path : paths_) {
    if (!same_shape(path.segments, *segments)) continue;
    const auto [entry, inserted] = path.methods.emplace(route->method, route);
    if (inserted) return {};
    return make_error(ErrorCode::refused, "route_taken",
                      "route " + route->method + " '" + route->pattern + "' is taken by '" +
                          entry->second->pattern + "'",
                      {}, "remove the other one first, or choose another path");
  }
  Path path{std::move(*segments), {{route->method, std::move(route)}}};
  const auto place = std::upper_bound(paths_.begin(), paths_.end(), path, [](const Path& a, const Path& b) {
    return goes_before(a.segments, b.segments);
  });
  paths_.insert(place, std::move(path));
  return {};
}

void HttpRouteTable::remove(RouteId id) {
  for (Path& path : paths_)
    std::erase_if(path.methods, [id](const auto& entry) { return entry.second->id == id; });
  std::erase_if(paths_, [](const Path& path) { return path.methods.empty(); });
}

RouteMatch HttpRouteTable::match(std::string_view method, const std::vector<std::string>& segments) const {
  RouteMatch result;
  std::set<std::string> allowed;
  for (const Path& path : paths_) {
    if (!matches(path, segments)) continue;
    for (const auto& [name, route] : path.methods) {
      allowed.insert(name);
      if (name == "GET") allowed.insert("HEAD");
      if (!result.cors_source && route->options.cors) result.cors_source = route;
    }
    if (result.route) continue;
    auto found = path.methods.find(std::string(method));
    if (found == path.methods.end() && method == "HEAD") found = path.methods.find("GET");
    if (found == path.methods.end()) continue;
    result.route = found->second;
    result.params = params_of(path.segments, segments);
  }
  if (!allowed.empty()) allowed.insert("OPTIONS");
  result.allowed.assign(allowed.begin(), allowed.end());
  return result;
}

} // namespace viadux
