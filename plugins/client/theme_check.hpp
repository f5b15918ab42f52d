// What is wrong with a theme.json, for whoever wrote it (docs/page.md has the table). [control]
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace client {

// One sentence for each mistake, with its place: "line 3, column 7: …" or "colours.accent: …"; at most 20.
std::vector<std::string> theme_faults(std::string_view text);

} // namespace client
