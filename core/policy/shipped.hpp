// The files of lua/ that go into the program. [any thread]
#pragma once

#include <span>
#include <string_view>

namespace viadux {

struct ShippedLua {
  std::string_view name; // "default.lua", "presets/sensitive_room.lua"
  std::string_view text;
};

std::span<const ShippedLua> all_shipped_lua();
std::string_view shipped_lua(std::string_view name); // "" when there is none

} // namespace viadux
