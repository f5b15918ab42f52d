// Which route a path and method belong to. Immutable once shared: the control thread makes a new one for each
// change, http threads read the one they hold.
#pragma once

#include "core/http/server.hpp"
#include "core/http/target.hpp"

#include <atomic>
#include <map>

namespace viadux {

class StaticFiles;

struct Route {
  RouteId id = 0;
  std::string method;
  std::string pattern;
  HttpHandler handler;
  HttpRouteOptions options;
  std::shared_ptr<StaticFiles> files; // instead of a handler
  std::size_t files_depth = 0;        // segments of the prefix
  std::string file_name;              // of `files`, for all paths of this route; empty: the path says which
  std::atomic<bool> removed = false;
};

struct RouteMatch {
  std::shared_ptr<Route> route; // none: 404, or 405 when `allowed` is not empty
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<std::string> allowed;   // methods of this path, for Allow and preflights; sorted
  std::shared_ptr<Route> cors_source; // the first route of this path that has CORS options
};

class HttpRouteTable {
 public:
  // Errors as HttpServer::route.
  Result<void> add(std::shared_ptr<Route> route);
  void remove(RouteId id);
  RouteMatch match(std::string_view method, const std::vector<std::string>& segments) const;

  // The methods that may be routed; others get 501.
  static bool is_known_method(std::string_view method);

 private:
  enum class SegmentKind : std::uint8_t { literal = 0, parameter = 1, rest = 2 }; // also their precedence
  struct Segment {
    SegmentKind kind = SegmentKind::literal;
    std::string text; // literal, or the parameter's name
  };
  struct Path {
    std::vector<Segment> segments;
    std::map<std::string, std::shared_ptr<Route>> methods;
  };
  static Result<std::vector<Segment>> parse(const std::string& pattern);
  static bool same_shape(const std::vector<Segment>& a, const std::vector<Segment>& b);
  static bool goes_before(const std::vector<Segment>& a, const std::vector<Segment>& b);
  static bool matches(const Path& path, const std::vector<std::string>& segments);
  static std::vector<std::pair<std::string, std::string>> params_of(const std::vector<Segment>& pattern,
                                                                    const std::vector<std::string>& segments);

  std::vector<Path> paths_; // most specific first
};

} // namespace viadux
