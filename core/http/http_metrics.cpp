#include "core/http/http_metrics.hpp"

#include <array>

namespace viadux {

HttpMetrics::HttpMetrics(Metrics& metrics)
    : requests(metrics.counter(
          {.name = "viadux_http_requests_total",
           .help = "HTTP requests answered, by the route's pattern.",
           .labels = {{"route", {}},
                      {"method", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}},
                      {"status", {"1xx", "2xx", "3xx", "4xx", "5xx"}}},
           .max_series = 2000})),
      durations(metrics.histogram({.name = "viadux_http_request_duration_seconds",
                                   .help = "Time from a whole request to the beginning of its answer.",
                                   .labels = {{"route", {}}},
                                   .max_series = 300})),
      connections(metrics.gauge({.name = "viadux_http_connections",
                                 .help = "Open HTTP connections, WebSockets included.",
                                 .labels = {{"transport", {"plain", "tls"}}}})),
      refused(metrics.counter(
          {.name = "viadux_http_refused_total",
           .help = "Connections and requests refused before a handler answered, by reason.",
           .labels = {{"reason",
                       {"malformed", "header_too_large", "target_too_long", "body_too_large",
                        "header_timeout", "body_timeout", "write_timeout", "handler_timeout", "busy",
                        "connections", "connections_per_client", "tls_handshake", "draining"}}}})),
      unanswered(
          metrics
              .counter({.name = "viadux_http_unanswered_total",
                        .help = "Requests whose handler dropped them without an answer: a fault in a plugin.",
                        .labels = {}})
              .with()),
      streams(metrics
                  .gauge({.name = "viadux_http_streams",
                          .help = "Answers being streamed, server-sent events among them.",
                          .labels = {}})
                  .with()),
      websockets(metrics.gauge({.name = "viadux_http_websockets", .help = "Open WebSockets.", .labels = {}})
                     .with()) {}

void HttpMetrics::answered(std::string_view route, std::string_view method, int status,
                           double seconds) const {
  static constexpr std::array<std::string_view, 6> classes = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  const auto status_class = static_cast<std::size_t>(status / 100);
  requests.with({route, method, classes[status_class < classes.size() ? status_class : 0]}).add();
  durations.with({route}).observe(seconds);
}

} // namespace viadux
