// In which order plugins start: who offers an interface before who requires or wants it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace viadux {

struct OrderedPlugin {
  std::string id;
  std::vector<std::string> offers;
  std::vector<std::string> required;
  std::vector<std::string> wanted;
};

struct StartOrder {
  std::vector<std::size_t> order;                           // places in the list given
  std::vector<std::pair<std::size_t, std::string>> refused; // and why, as a sentence for people
};

// `host` are the host's own interfaces. Refused: what requires something that nobody offers, or only refused
// ones do, and rings of requirements. A ring that a want closes is opened there. Otherwise the given order
// stays.
StartOrder start_order(const std::vector<OrderedPlugin>& plugins, const std::vector<std::string>& host);

} // namespace viadux
