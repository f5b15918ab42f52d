#include "core/policy/shipped.hpp"

#include "core/policy/shipped_files.hpp" // generated from lua/

namespace viadux {

std::span<const ShippedLua> all_shipped_lua() {
  return shipped_files;
}

std::string_view shipped_lua(std::string_view name) {
  for (const ShippedLua& file : shipped_files)
    if (file.name == name) return file.text;
  return {};
}

} // namespace viadux
