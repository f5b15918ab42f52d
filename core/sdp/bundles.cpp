// Which lines share a transport (RFC 9143).
#include "core/sdp/negotiate_steps.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>
#include <map>

namespace viadux::sdp {

Error invalid_description(std::string message) {
  return make_error(ErrorCode::bad_argument, "sdp_invalid", std::move(message), "sdp");
}

std::string line_name(std::size_t index, const MediaLine& line) {
  std::string name = "media line " + std::to_string(index) + " (" + line.media;
  if (!line.mid.empty()) name += ", mid " + line.mid;
  return name + ")";
}

Result<std::vector<int>> bundles_of(const SessionDescription& description) {
  std::map<std::string_view, std::size_t> by_mid;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const auto& mid = description.media[i].mid;
    if (!mid.empty() && !by_mid.emplace(mid, i).second)
      return invalid_description(line_name(i, description.media[i]) + " has the mid of another line");
  }
  std::vector<int> bundles(description.media.size(), -1);
  for (std::size_t g = 0; g < description.groups.size(); ++g) {
    const auto& group = description.groups[g];
    if (group.semantics != "BUNDLE") continue;
    for (const auto& mid : group.mids) {
      const auto line = by_mid.find(mid);
      if (line == by_mid.end())
        return invalid_description("a=group:BUNDLE names the mid " + quoted(mid) +
                                   ", which no media line has");
      if (bundles[line->second] != -1)
        return invalid_description("the mid " + quoted(mid) + " stands twice in a=group:BUNDLE");
      bundles[line->second] = static_cast<int>(g);
    }
  }
  return bundles;
}

const MediaLine& transport_line(const SessionDescription& description, const std::vector<int>& bundles,
                                std::size_t index) {
  const auto& line = description.media[index];
  if (bundles[index] < 0 || !line.transport.ice_ufrag.empty()) return line;
  const auto& first = description.groups[static_cast<std::size_t>(bundles[index])].mids.front();
  const auto found = std::find_if(description.media.begin(), description.media.end(),
                                  [&](const MediaLine& other) { return other.mid == first; });
  return found == description.media.end() ? line : *found;
}

std::vector<Candidate> bundle_candidates(const SessionDescription& description,
                                         const std::vector<int>& bundles, std::size_t index) {
  const auto& ufrag = transport_line(description, bundles, index).transport.ice_ufrag;
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const bool together = i == index || (bundles[index] >= 0 && bundles[i] == bundles[index]);
    const auto& transport = description.media[i].transport;
    if (!together || transport.ice_ufrag != ufrag) continue;
    for (const auto& candidate : transport.candidates)
      if (all.size() < Limits{}.per_line && std::find(all.begin(), all.end(), candidate) == all.end())
        all.push_back(candidate);
  }
  return all;
}

} // namespace viadux::sdp
