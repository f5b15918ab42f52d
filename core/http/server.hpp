// The HTTP server: HTTP/1.1 with and without TLS, WebSocket, server-sent events, static files.
//
// Sockets, TLS, parsing, compression and static files are on threads of its own; handlers run on the control
// thread, one at a time, and answer when they like through a HttpResponder. All limits are enforced before a
// handler is asked. Nothing here logs a query string, a body or an Authorization header.
//
//   HttpServer http(options, loop, metrics);
//   auto id = http.route("POST", "/whip/{alias}", [](HttpRequest request, HttpResponder responder) { … },
//                        {.max_body = 64 * 1024, .cors = HttpCors{.expose = {"Location", "Link", "ETag"}}});
//   http.static_files("/app", "web/");
//   if (auto started = http.start(); !started) …
//   …
//   http.drain(deadline_us, [] { … });   // then destroy it
#pragma once

#include "core/control/loop.hpp"
#include "core/http/message.hpp"
#include "core/http/options.hpp"
#include "core/http/responder.hpp"
#include "core/metrics/metrics.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

using HttpHandler = std::function<void(HttpRequest, HttpResponder)>;
using RouteId = std::uint64_t; // 0 is none

// Cross-origin requests (Fetch standard, 3.2). Preflights are answered by the server with the methods of the
// path.
struct HttpCors {
  std::vector<std::string> origins = {"*"}; // exact origins, or "*"
  // What a page may set; "*" is any header.
  std::vector<std::string> headers = {"Authorization", "Content-Type", "If-Match", "If-None-Match",
                                      "Last-Event-ID"};
  std::vector<std::string> expose = {"Location",           "Link",        "ETag", "Accept-Patch",
                                     "Viadux-Participant", "X-Request-Id"};
  std::uint32_t max_age_s = 7200;
};

struct HttpRouteOptions {
  std::optional<std::size_t> max_body; // else HttpLimits::body_bytes
  std::optional<HttpCors> cors;
  std::uint32_t handler_timeout_ms = 0; // until the answer begins; 0: HttpLimits::handler_timeout_ms
  // The handler is asked at the request's head and takes the body as it comes (HttpResponder::receive_body).
  bool streams_body = false;
};

struct StaticFileOptions {
  std::string index = "index.html"; // for a path that is a folder; "" for none. Folders are never listed
  // "no-cache" lets browsers keep the file and ask each time whether it changed: cheap, and never stale.
  std::string cache_control = "no-cache";
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Content-Security-Policy",
       "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; media-src 'self' blob:; "
       "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"},
      {"Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
  };
  std::size_t cache_bytes = 32 * 1024 * 1024;    // files kept in memory, compressed ones included
  std::size_t max_file_bytes = 16 * 1024 * 1024; // larger ones are not served
};

struct HttpBound {
  std::string address;
  std::uint16_t port = 0;
  bool tls = false;
};

class HttpServer {
 public:
  // `loop` and `metrics` must outlive it. Nothing listens before start().
  HttpServer(HttpOptions options, ControlLoop& loop, Metrics& metrics);
  ~HttpServer(); // [control] stops at once, closing what is open
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // [control] `pattern` starts with "/"; "{name}" takes one non-empty segment, "{name...}" at the end takes
  // the rest (may be empty). A literal segment wins over a parameter, a parameter over the rest; GET answers
  // HEAD as well. Works before and after start(). Errors: bad_argument (method or pattern), refused (taken by
  // another route; the message names it).
  Result<RouteId> route(std::string method, std::string pattern, HttpHandler handler,
                        HttpRouteOptions options = {});
  // [control] Files below `directory` under `prefix` ("/app" or "/"). Errors: as route, not_found (no such
  // folder).
  Result<RouteId> static_files(std::string prefix, const std::string& directory,
                               StaticFileOptions options = {});
  // [control] One file of `directory` for every path that `pattern` matches: a page that reads its own
  // address. Errors: as static_files.
  Result<RouteId> static_file(std::string pattern, const std::string& directory, std::string name,
                              StaticFileOptions options = {});
  // [control] Its handler is not called any more once this has returned; answers being given go on.
  void remove_route(RouteId id);

  // [control] Makes or loads the certificate, binds all addresses, starts the threads. Errors name the
  // address or file, and nothing is left listening.
  Result<void> start();
  // [any thread] What is bound, with real port numbers, in the order of HttpOptions::listen.
  std::vector<HttpBound> listening() const;
  // The first plain, or first TLS, port; 0 when there is none.
  std::uint16_t port(bool tls = false) const;

  // [control] Reads certificate and key again; connections made after this get the new one. On an error the
  // old one stays in use.
  Result<void> reload_certificate();
  // [any thread] SHA-256 of the certificate in use, as "AB:CD:…"; "" without TLS. For people to compare.
  std::string certificate_fingerprint() const;

  // [control] Stops accepting, closes idle connections and event streams, lets running requests finish until
  // `deadline_us` (of the loop's clock), closes the rest; `done` comes on the control thread. Calling it
  // again only moves the deadline earlier.
  void drain(std::int64_t deadline_us, std::function<void()> done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace viadux
