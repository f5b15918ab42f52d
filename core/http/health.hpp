// /healthz, /readyz and /metrics.
//
// Healthy: the process answers and its control thread turns; nothing else, so that an orchestrator never
// restarts a server because its database is away. Ready: may take new work; every named condition is in the
// body.
#pragma once

#include "core/http/server.hpp"

#include <map>
#include <string>
#include <vector>

namespace viadux {

// [control] Named conditions. A required one that is not ok makes /readyz answer 503; the others are shown
// only.
class Readiness {
 public:
  struct Condition {
    bool ok = false;
    std::string message; // for an administrator; shown to anyone who may ask, so no secrets, no personal data
    bool required = true;
  };
  // Sets, or adds, a condition. Conditions are listed by name.
  void set(const std::string& name, bool ok, const std::string& message = {}, bool required = true);
  void remove(const std::string& name);
  bool ready() const;
  const std::map<std::string, Condition>& conditions() const { return conditions_; }
  // {"ready":true,"conditions":{"store":{"ok":true,"required":true,"message":"…"},…}}
  std::string to_json() const;

 private:
  std::map<std::string, Condition> conditions_;
};

// [control] Registers the three routes; `readiness` and `metrics` must outlive the server.
Result<std::vector<RouteId>> add_health_routes(HttpServer& server, const Readiness& readiness,
                                               const Metrics& metrics);

} // namespace viadux
