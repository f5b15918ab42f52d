// From a request's head to what is to be done with it: pure functions, no sockets, no threads.
#pragma once

#include "core/http/request_reader.hpp"
#include "core/http/route_table.hpp"

namespace viadux {

struct HttpDecision {
  std::optional<HttpResponse> response; // answered here already
  RouteMatch match;                     // else match.route is asked
  std::size_t max_body = 0;
};

// Routes, 404, 405 with Allow, OPTIONS and preflights.
HttpDecision decide(const HttpRouteTable& routes, const HttpRequest& request, const HttpTarget& target,
                    const HttpLimits& limits);
// Adds what a browser wants to see before it shows an answer to a page of another origin.
void add_cors(const HttpCors& cors, const HttpRequest& request, HttpHeaders& headers);
// Believes X-Forwarded-For and X-Forwarded-Proto when the peer is one of `trusted_proxies`.
void apply_forwarding(const std::vector<std::string>& trusted_proxies, HttpRequest& request);
// Takes over a well-formed W3C traceparent, or makes one.
std::string traceparent_of(const HttpHeaders& headers, std::uint64_t random_id);

// The head on the wire. A field with a line break or NUL in its name or value is left out: nobody can add a
// response of their own (response splitting).
struct HeadFacts {
  bool http10 = false;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<std::size_t> content_length;
  std::int64_t unix_s = 0;
};
std::string format_head(int status, const HttpHeaders& headers, const HeadFacts& facts);

} // namespace viadux
