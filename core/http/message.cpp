#include "core/http/message.hpp"

#include "core/http/text.hpp"

#include <algorithm>

namespace viadux {

std::string_view HttpHeaders::get(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (equals_ignoring_case(key, name)) return value;
  return {};
}

bool HttpHeaders::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [name](const Field& field) { return equals_ignoring_case(field.first, name); });
}

std::string HttpHeaders::joined(std::string_view name) const {
  std::string all;
  for (const auto& [key, value] : fields_) {
    if (!equals_ignoring_case(key, name)) continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

void HttpHeaders::set(std::string_view name, std::string value) {
  remove(name);
  add(name, std::move(value));
}

void HttpHeaders::add(std::string_view name, std::string value) {
  fields_.emplace_back(std::string(name), std::move(value));
}

void HttpHeaders::remove(std::string_view name) {
  std::erase_if(fields_, [name](const Field& field) { return equals_ignoring_case(field.first, name); });
}

std::string_view HttpRequest::param(std::string_view name) const {
  for (const auto& [key, value] : params)
    if (key == name) return value;
  return {};
}

std::optional<std::string_view> HttpRequest::query_param(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::string_view HttpRequest::bearer_token() const {
  const std::string_view field = headers.get("Authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!equals_ignoring_case(field.substr(0, scheme.size()), scheme)) return {};
  return trimmed(field.substr(scheme.size()));
}

std::string HttpRequest::origin() const {
  std::string text = tls ? "https://" : "http://";
  text += host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (host_port != 0 && host_port != (tls ? 443 : 80)) text += ":" + std::to_string(host_port);
  return text;
}

bool HttpRequest::is_same_origin() const {
  return !headers.has("Origin") || equals_ignoring_case(headers.get("Origin"), origin());
}

HttpResponse problem(const HttpProblem& problem) {
  std::string body = "{\"type\":";
  body += json_string(problem.reason.empty() ? "about:blank" : "urn:viadux:problem:" + problem.reason);
  body += ",\"title\":" + json_string(reason_phrase(problem.status));
  body += ",\"status\":" + std::to_string(problem.status);
  const auto member = [&body](const char* name, const std::string& value) {
    if (!value.empty()) body += ",\"" + std::string(name) + "\":" + json_string(value);
  };
  member("detail", problem.detail);
  member("reason", problem.reason);
  member("field", problem.field);
  member("hint", problem.hint);
  body += "}\n";
  HttpResponse response;
  response.status = problem.status;
  response.headers.set("Content-Type", "application/problem+json");
  response.headers.set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

HttpResponse problem(int status, std::string_view reason, std::string detail) {
  return problem(HttpProblem{status, std::string(reason), std::move(detail), {}, {}});
}

HttpResponse redirect(std::string location, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Location", std::move(location));
  return response;
}

HttpResponse json_response(std::string json, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = std::move(json);
  return response;
}

HttpResponse text_response(std::string text, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text);
  return response;
}

std::string_view reason_phrase(int status) {
  struct Phrase {
    int status;
    std::string_view text;
  };
  static constexpr Phrase phrases[] = {
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {423, "Locked"},
      {426, "Upgrade Required"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  };
  for (const Phrase& phrase : phrases)
    if (phrase.status == status) return phrase.text;
  return "Unknown";
}

} // namespace viadux
