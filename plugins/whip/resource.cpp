#include "resource.hpp"

#include <random>
#include <viadux/lines.hpp>

namespace whip {
std::string random_name() {
  static constexpr char digits[] = "0123456789abcdef";
  std::random_device random; // the kernel's
  std::string name;
  for (int word = 0; word < 4; ++word) {
    const std::uint32_t bits = random();
    for (unsigned shift = 0; shift < 32; shift += 4)
      name += digits[(bits >> shift) & 15U];
  }
  return name;
}

std::string etag_of(std::string_view ice_ufrag) {
  return '"' + std::string(ice_ufrag) + '"';
}

std::string Resources::add(Resource resource) {
  std::string id = random_name();
  resources_.emplace(id, std::move(resource));
  return id;
}

Resource* Resources::find(std::string_view id, Kind kind) {
  const auto found = resources_.find(std::string(id));
  return found == resources_.end() || found->second.kind != kind ? nullptr : &found->second;
}

void Resources::remove_of(const viadux::Handle& participant) {
  std::erase_if(resources_, [&](const auto& entry) { return entry.second.participant == participant; });
}

std::string sdp_attribute(std::string_view sdp, std::string_view name) {
  const std::string start = "a=" + std::string(name) + ":";
  std::string value;
  viadux::each_line(sdp, [&](std::string_view line) {
    if (value.empty() && line.starts_with(start)) value = line.substr(start.size());
  });
  return value;
}

std::string with_credentials(std::string_view sdp, std::string_view ufrag, std::string_view pwd) {
  std::string changed;
  viadux::each_line(sdp, [&](std::string_view line) {
    if (line.starts_with("a=ice-ufrag:")) {
      changed += "a=ice-ufrag:" + std::string(ufrag);
    } else if (line.starts_with("a=ice-pwd:")) {
      changed += "a=ice-pwd:" + std::string(pwd);
    } else if (!line.starts_with("a=candidate:")) { // of the generation that ends
      changed += line;
    } else {
      return;
    }
    changed += "\r\n";
  });
  return changed;
}

std::string fragment_of(std::string_view answer) {
  std::string session = "a=ice-lite\r\n", media;
  bool in_media = false;
  int lines = 0;
  viadux::each_line(answer, [&](std::string_view line) {
    if (line.starts_with("m=")) {
      in_media = true;
      // Bundled: the first line speaks for all.
      if (++lines == 1) media = std::string(line) + "\r\n";
      return;
    }
    if (lines > 1) return;
    if (line.starts_with("a=ice-ufrag:") || line.starts_with("a=ice-pwd:")) {
      session += std::string(line) + "\r\n";
    } else if (in_media && (line.starts_with("a=mid:") || line.starts_with("a=candidate:") ||
                            line == "a=end-of-candidates")) {
      media += std::string(line) + "\r\n";
    }
  });
  return session + media;
}

} // namespace whip
