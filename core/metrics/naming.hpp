// The rules for names, in one place: what `promtool check metrics` would say, plus the prefix.
#pragma once

#include "core/metrics/metrics.hpp"

#include <optional>

namespace viadux {

enum class MetricKind : std::uint8_t { counter = 1, gauge = 2, histogram = 3 };

// The first rule that is broken, as a sentence; nothing when all is well.
std::optional<std::string> naming_fault(MetricKind kind, std::string_view name, std::string_view help);
std::optional<std::string> label_fault(std::string_view key);

} // namespace viadux
