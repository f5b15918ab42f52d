#include "core/metrics/naming.hpp"

#include <algorithm>
#include <array>

namespace viadux {
namespace {

bool is_lower_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// What people write and the base unit they mean (prometheus.io, "Metric and label naming").
constexpr std::array<std::pair<std::string_view, std::string_view>, 19> wrong_units = {{
    {"ms", "seconds"},
    {"us", "seconds"},
    {"ns", "seconds"},
    {"milliseconds", "seconds"},
    {"microseconds", "seconds"},
    {"nanoseconds", "seconds"},
    {"minutes", "seconds"},
    {"hours", "seconds"},
    {"days", "seconds"},
    {"sec", "seconds"},
    {"secs", "seconds"},
    {"bits", "bytes"},
    {"bps", "bytes"},
    {"kb", "bytes"},
    {"mb", "bytes"},
    {"kilobytes", "bytes"},
    {"megabytes", "bytes"},
    {"percent", "ratio"},
    {"pct", "ratio"},
}};

} // namespace

std::optional<std::string> naming_fault(MetricKind kind, std::string_view name, std::string_view help) {
  const std::string quoted = "'" + std::string(name) + "'";
  if (!name.starts_with("viadux_")) return quoted + " must start with viadux_";
  if (!is_lower_name(name)) return quoted + " may hold a-z, 0-9 and _ only";
  if (name.find("__") != name.npos || name.ends_with('_')) return quoted + " has an empty word";
  if (name.size() > 100) return quoted + " is longer than 100 characters";
  if (help.empty()) return quoted + " has no help text";
  if ((kind == MetricKind::counter) != name.ends_with("_total"))
    return quoted + (kind == MetricKind::counter ? " is a counter and must end in _total"
                                                 : " is no counter and may not end in _total");
  for (const std::string_view suffix : {"_count", "_sum", "_bucket", "_counter", "_gauge", "_histogram"})
    if (name.ends_with(suffix)) return quoted + " may not end in " + std::string(suffix);
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find('_', at), name.size());
    const std::string_view word = name.substr(at, end - at);
    for (const auto& [wrong, right] : wrong_units)
      if (word == wrong) return quoted + " must use the base unit " + std::string(right);
    at = end + 1;
  }
  return std::nullopt;
}

std::optional<std::string> label_fault(std::string_view key) {
  const std::string quoted = "label '" + std::string(key) + "'";
  if (!is_lower_name(key) || (key[0] >= '0' && key[0] <= '9'))
    return quoted + " may hold a-z, 0-9 and _ only";
  if (key.starts_with("__") || key == "le" || key == "quantile") return quoted + " is a reserved name";
  return std::nullopt;
}

} // namespace viadux
