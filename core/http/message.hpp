// A request as a handler sees it, and the answer it gives. Plain data; no thread of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viadux {

// Header fields in their order; names compare without case (RFC 9110, 5.1).
class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  // The first of that name, or "" when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  // All of that name joined by ", " (RFC 9110, 5.3).
  std::string joined(std::string_view name) const;
  void set(std::string_view name, std::string value); // replaces all of that name
  void add(std::string_view name, std::string value); // beside those there
  void remove(std::string_view name);
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

struct HttpRequest {
  std::string id;          // ours, 16 hex digits, unique in this process; also in the log and in X-Request-Id
  std::string traceparent; // W3C trace context: the client's where it is well-formed, else one made here
  std::string method;      // upper case; "HEAD" reaches the GET handler, its body is left out by the server
  std::string target;      // as it came (origin form, query included). Never log it
  std::string path;        // percent-decoded once, never holds NUL; "/" first
  std::string raw_query;   // after '?', not decoded; may hold secrets: never log it
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order, '+' is a blank
  std::vector<std::pair<std::string, std::string>> params; // the route's {names}, decoded once
  HttpHeaders headers;
  std::string body;            // at most the route's max_body
  std::string host;            // Host without port, lower case, IPv6 without brackets
  std::uint16_t host_port = 0; // the port in Host, 0 when there was none
  std::string remote_address;  // "192.0.2.1" or "2001:db8::1" (mapped IPv4 is shown as IPv4)
  std::uint16_t remote_port = 0;
  bool tls = false;
  bool is_websocket = false; // asks for an upgrade (RFC 6455); HttpResponder::accept_websocket answers it

  // The route parameter or first query parameter of that name.
  std::string_view param(std::string_view name) const;
  std::optional<std::string_view> query_param(std::string_view name) const;
  // The token of "Authorization: Bearer …" (RFC 6750, 2.1), or "".
  std::string_view bearer_token() const;
  // "https://host:port" as the client addressed us; for absolute Location and Link headers.
  std::string origin() const;
  // No Origin field (no browser, or a plain navigation), or our own. A handler that opens a WebSocket, or
  // trusts a cookie, asks this first: browsers let any page of the web send such requests.
  bool is_same_origin() const;
};

// A file that is read, on an http thread, once the answer is known to be it.
struct HttpFile {
  std::vector<std::string> folders; // the first that has it counts
  std::string name;                 // below each of them: "logo.svg", "modules/invite.mjs"
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers; // Content-Length, Date, Connection and X-Request-Id are the server's
  std::string body;
  // gzip it for a client that takes it. Not where secrets and a client's own text stand in one body: the
  // length would tell (BREACH).
  bool compress = false;
  // The body is this file, as static files are given: cached, with conditions, in the client's encoding; what
  // `headers` says beside Content-Type, ETag and the like goes with it. Where none of the folders has it, or
  // it is larger than 2 MiB, the rest of this response counts.
  std::optional<HttpFile> file;
};

// A problem document (RFC 9457), application/problem+json. `type` is "about:blank" unless `reason` is given:
// then it is "urn:viadux:problem:<reason>", so that programs have something stable to compare.
struct HttpProblem {
  int status = 500;
  std::string reason; // a word for programs, e.g. "pin_wrong"
  std::string detail; // one sentence for a person
  std::string field;  // what part of the request was wrong, where there is one
  std::string hint;   // what to do about it
};
HttpResponse problem(const HttpProblem& problem);
HttpResponse problem(int status, std::string_view reason, std::string detail);
HttpResponse redirect(std::string location, int status = 303);
HttpResponse json_response(std::string json, int status = 200);
HttpResponse text_response(std::string text, int status = 200);

// The standard phrase: "Not Found".
std::string_view reason_phrase(int status);
// A strong entity tag of these bytes, quoted: for small, computed bodies.
std::string entity_tag(std::string_view bytes);
// Whether a field value of If-None-Match (weak comparison) or If-Match (strong) names `etag` (RFC
// 9110, 13.1).
bool if_none_match(std::string_view field_value, std::string_view etag);
bool if_match(std::string_view field_value, std::string_view etag);
// Text as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

} // namespace viadux
