// A small HTTP/1.1 client on the event loop: one connection per request, bodies with a length or chunked.
#pragma once

#include "bench/client/event_loop.hpp"
#include "bench/client/task.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::bench {

struct Url {
  std::string host; // an IPv4 address or "localhost"
  std::uint16_t port = 80;
  std::string path = "/"; // with its query
};

// Only http:// and IPv4: what a test rig on loopback needs.
Result<Url> parse_url(const std::string& text);
// Resolves a Location header: absolute, or a path on the same server.
Url resolve(const Url& base, const std::string& location);

struct HttpRequest {
  std::string method = "GET";
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::int64_t timeout_us = 10'000'000;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
};

Task<Result<HttpResponse>> http_request(EventLoop& loop, HttpRequest request);

} // namespace viadux::bench
