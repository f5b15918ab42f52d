#include "core/http/health.hpp"

#include <algorithm>

namespace viadux {

void Readiness::set(const std::string& name, bool ok, const std::string& message, bool required) {
  conditions_[name] = {ok, message, required};
}

void Readiness::remove(const std::string& name) {
  conditions_.erase(name);
}

bool Readiness::ready() const {
  return std::all_of(conditions_.begin(), conditions_.end(),
                     [](const auto& entry) { return entry.second.ok || !entry.second.required; });
}

std::string Readiness::to_json() const {
  const auto word = [](bool value) { return value ? "true" : "false"; };
  std::string json = "{\"ready\":" + std::string(word(ready())) + ",\"conditions\":{";
  bool first = true;
  for (const auto& [name, condition] : conditions_) {
    json += (first ? "" : ",") + json_string(name) + ":{\"ok\":" + word(condition.ok) +
            ",\"required\":" + word(condition.required) + ",\"message\":" + json_string(condition.message) +
            "}";
    first = false;
  }
  return json + "}}\n";
}

Result<std::vector<RouteId>> add_health_routes(HttpServer& server, const Readiness& readiness,
                                               const Metrics& metrics) {
  const auto fresh = [](HttpResponse response) {
    response.headers.set("Cache-Control", "no-store");
    return response;
  };
  struct Entry {
    const char* path;
    std::function<HttpResponse()> answer;
  };
  const Entry entries[] = {
      {"/healthz", [=] { return fresh(json_response("{\"healthy\":true}\n")); }},
      {"/readyz",
       [=, &readiness] { return fresh(json_response(readiness.to_json(), readiness.ready() ? 200 : 503)); }},
      {"/metrics",
       [=, &metrics] {
         HttpResponse response = fresh(text_response(metrics.serialize()));
         response.headers.set("Content-Type", Metrics::content_type);
         response.compress = true;
         return response;
       }},
  };
  std::vector<RouteId> ids;
  for (const Entry& entry : entries) {
    auto added = server.route(
        "GET", entry.path, [answer = entry.answer](const HttpRequest& /*request*/, HttpResponder responder) {
          responder.respond(answer());
        });
    if (!added) return added.error();
    ids.push_back(*added);
  }
  return ids;
}

} // namespace viadux
