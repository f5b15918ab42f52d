#include "core/http/dispatch.hpp"

#include "core/http/text.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace viadux {
namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items)
    text += (text.empty() ? "" : ", ") + item;
  return text;
}

HttpResponse no_content(const std::vector<std::string>& allowed) {
  HttpResponse response;
  response.status = 204;
  if (!allowed.empty()) response.headers.set("Allow", joined(allowed));
  return response;
}

bool is_name_character(char c) { // of all header names that anybody uses
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// "*" lets a page set any header: what it asks for is named back, since older browsers know no wildcard.
std::string allowed_headers(const HttpCors& cors, const HttpRequest& request) {
  if (std::ranges::find(cors.headers, "*") == cors.headers.end()) return joined(cors.headers);
  std::vector<std::string> names;
  const std::string asked = request.headers.joined("Access-Control-Request-Headers");
  for (const std::string_view name : list_elements(asked))
    if (std::ranges::all_of(name, is_name_character)) names.emplace_back(name);
  return joined(names);
}

HttpResponse preflight(const HttpCors& cors, const HttpRequest& request,
                       const std::vector<std::string>& allowed) {
  HttpResponse response = no_content(allowed);
  response.headers.set("Access-Control-Allow-Methods", joined(allowed));
  response.headers.set("Access-Control-Allow-Headers", allowed_headers(cors, request));
  response.headers.set("Access-Control-Max-Age", std::to_string(cors.max_age_s));
  return response;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_all_zero(std::string_view text) {
  return text.find_first_not_of('0') == text.npos;
}

} // namespace

HttpDecision decide(const HttpRouteTable& routes, const HttpRequest& request, const HttpTarget& target,
                    const HttpLimits& limits) {
  HttpDecision decision;
  decision.max_body = limits.body_bytes;
  const std::string& method = request.method;
  if (!HttpRouteTable::is_known_method(method)) {
    decision.response = problem(501, "method_unknown", "this method is not implemented");
    return decision;
  }
  if (target.path == "*") {
    decision.response =
        method == "OPTIONS" ? no_content({}) : problem(400, "target", "'*' is for OPTIONS only");
    return decision;
  }
  decision.match = routes.match(method, target.segments);
  const RouteMatch& match = decision.match;
  const bool is_preflight = method == "OPTIONS" && request.headers.has("Origin") &&
                            request.headers.has("Access-Control-Request-Method");
  if (is_preflight && match.cors_source) {
    decision.response = preflight(*match.cors_source->options.cors, request, match.allowed);
  } else if (match.route) {
    decision.max_body = match.route->options.max_body.value_or(limits.body_bytes);
  } else if (match.allowed.empty()) {
    decision.response = problem(404, "path_unknown", "there is nothing at this path");
  } else if (method == "OPTIONS") {
    decision.response = no_content(match.allowed);
  } else {
    decision.response = problem(405, "method", "this path does not take " + method);
    decision.response->headers.set("Allow", joined(match.allowed));
  }
  return decision;
}

void add_cors(const HttpCors& cors, const HttpRequest& request, HttpHeaders& headers) {
  const std::string_view origin = request.headers.get("Origin");
  const bool any = std::find(cors.origins.begin(), cors.origins.end(), "*") != cors.origins.end();
  if (!any) headers.add("Vary", "Origin");
  if (origin.empty()) return;
  if (!any && std::find(cors.origins.begin(), cors.origins.end(), origin) == cors.origins.end()) return;
  headers.set("Access-Control-Allow-Origin", any ? "*" : std::string(origin));
  if (!cors.expose.empty()) headers.set("Access-Control-Expose-Headers", joined(cors.expose));
}

void apply_forwarding(const std::vector<std::string>& trusted_proxies, HttpRequest& request) {
  if (std::find(trusted_proxies.begin(), trusted_proxies.end(), request.remote_address) ==
      trusted_proxies.end())
    return;
  const std::string forwarded = request.headers.joined("X-Forwarded-For");
  // The last element is what our proxy itself saw; those before it are the client's claims.
  if (const auto hops = list_elements(forwarded); !hops.empty()) {
    const std::string hop(hops.back());
    in6_addr address{};
    if (inet_pton(AF_INET, hop.c_str(), &address) == 1 || inet_pton(AF_INET6, hop.c_str(), &address) == 1) {
      request.remote_address = hop;
      request.remote_port = 0;
    }
  }
  if (const auto proto = request.headers.get("X-Forwarded-Proto"); !proto.empty())
    request.tls = equals_ignoring_case(proto, "https");
}

// https://www.w3.org/TR/trace-context/#traceparent-header
std::string traceparent_of(const HttpHeaders& headers, std::uint64_t random_id) {
  const std::string_view given = headers.get("traceparent");
  if (given.size() == 55 && given[2] == '-' && given[35] == '-' && given[52] == '-') {
    const std::string_view version = given.substr(0, 2);
    const std::string_view trace = given.substr(3, 32);
    const std::string_view parent = given.substr(36, 16);
    if (version == "00" && is_hex(trace) && is_hex(parent) && is_hex(given.substr(53)) &&
        !is_all_zero(trace) && !is_all_zero(parent))
      return std::string(given);
  }
  const std::string id = hex64(random_id | 1);
  std::string made = "00-";
  made.append(hex64(random64() | 1)).append(id).append("-").append(id).append("-00");
  return made;
}

std::string format_head(int status, const HttpHeaders& headers, const HeadFacts& facts) {
  std::string head = facts.http10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head += std::to_string(status);
  head += ' ';
  head += reason_phrase(status);
  head += "\r\nDate: " + http_date(facts.unix_s) + "\r\n";
  for (const auto& [name, value] : headers.fields()) {
    const bool is_ours =
        equals_ignoring_case(name, "Content-Length") || equals_ignoring_case(name, "Connection") ||
        equals_ignoring_case(name, "Transfer-Encoding") || equals_ignoring_case(name, "Date");
    const bool is_safe = !name.empty() && name.find_first_of(": \t") == name.npos &&
                         !has_control_character(name) &&
                         value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos;
    if (!is_ours && is_safe) head.append(name).append(": ").append(value).append("\r\n");
  }
  if (facts.content_length) head += "Content-Length: " + std::to_string(*facts.content_length) + "\r\n";
  if (facts.chunked) head += "Transfer-Encoding: chunked\r\n";
  if (!facts.keep_alive) head += "Connection: close\r\n";
  if (facts.keep_alive && facts.http10) head += "Connection: keep-alive\r\n";
  return head + "\r\n";
}

} // namespace viadux
