#include "bench/client/report.hpp"

#include <boost/json.hpp>
#include <cmath>

namespace viadux::bench {
namespace {

namespace json = boost::json;

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

json::object received(const Report& report) {
  const auto& c = report.counters;
  return {{"expected", report.expected},
          {"delivered", c.delivered},
          {"missing", report.missing},
          {"holes", report.holes},
          {"duplicated", c.duplicates},
          {"reordered", c.reordered},
          {"corrupt", c.corrupt},
          {"compared", c.compared},
          {"auth_failed", c.auth_failed},
          {"malformed", c.malformed},
          {"dropped_on_purpose", c.dropped_on_purpose},
          {"key_frames", c.key_frames},
          {"nacked", c.nacked},
          {"rtx_received", c.rtx_received},
          {"rtx_recovered", c.rtx_recovered},
          {"rtx_repeated", c.rtx_repeated},
          {"plis_sent", c.plis_sent}};
}

} // namespace

std::string to_json(const Report& report) {
  const auto& c = report.counters;
  json::object out{{"scenario", report.scenario},       {"size", report.size},
                   {"ok", report.problems.empty()},     {"publishers", report.publishers},
                   {"receivers", report.receivers},     {"profile", report.profile},
                   {"seconds", rounded(report.seconds)}};
  json::array problems;
  for (const auto& problem : report.problems)
    problems.push_back(json::string(problem));
  out["problems"] = problems;
  out["received"] = received(report);
  out["sent"] = json::object{{"rtx", c.rtx_sent},
                             {"plis_received", c.plis_received},
                             {"rembs_received", c.rembs_received},
                             {"transport_feedback_received", c.feedback_received},
                             {"publisher_bps", report.publisher_bps},
                             {"send_failed", c.send_failed}};
  out["delay_us"] = json::object{
      {"p50", report.delay_p50_us}, {"p99", report.delay_p99_us}, {"p999", report.delay_p999_us}};
  out["join_us"] = json::object{{"p50", report.join_p50_us}, {"p99", report.join_p99_us}};
  if (report.first_picture_p99_us > 0)
    out["first_picture_us"] =
        json::object{{"p50", report.first_picture_p50_us}, {"p99", report.first_picture_p99_us}};
  out["packets_per_second"] =
      report.seconds > 0 ? std::round(static_cast<double>(c.delivered) / report.seconds) : 0;
  if (report.seconds > 0)
    out["client_cores"] = rounded(static_cast<double>(report.client_cpu_us) / 1e6 / report.seconds);
  if (report.server_cpu_us > 0 && c.delivered > 0) {
    out["server_cores"] = rounded(static_cast<double>(report.server_cpu_us) / 1e6 / report.seconds);
    // A run whose packets are not right has no price.
    if (report.problems.empty())
      out["cpu_us_per_packet"] =
          rounded(static_cast<double>(report.server_cpu_us) / static_cast<double>(c.delivered));
  }
  out["rss_kb"] = json::object{
      {"before", report.rss_before_kb}, {"joined", report.rss_joined_kb}, {"after", report.rss_after_kb}};
  if (report.receivers > 0 && report.rss_joined_kb > report.rss_before_kb)
    out["rss_kb_per_receiver"] = (report.rss_joined_kb - report.rss_before_kb) / report.receivers;
  out["udp_buffer_drops"] = report.buffer_drops;
  if (!report.heights.empty()) out["heights"] = json::value_from(report.heights);
  return json::serialize(out);
}

} // namespace viadux::bench
