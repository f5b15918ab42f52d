// What the Location of a 201 names: one publisher or player, until it is deleted or its connection ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <viadux/documents/media.hpp>

namespace whip {

enum class Kind : std::uint8_t { publisher, player };

struct Resource {
  Kind kind = Kind::publisher;
  std::string alias;
  viadux::Handle participant;
  viadux::Handle session;
  std::string offer; // as agreed last: an ICE restart is the same offer with new credentials
  std::string etag;  // names the ICE generation (RFC 9725 section 4.3.1)
};

class Resources {
 public:
  // Returns the new resource's name: 128 random bits, since whoever knows it may delete it.
  std::string add(Resource resource);
  Resource* find(std::string_view id, Kind kind);
  void remove(const std::string& id) { resources_.erase(id); }
  void remove_of(const viadux::Handle& participant);
  std::size_t size() const { return resources_.size(); }
  auto begin() { return resources_.begin(); }
  auto end() { return resources_.end(); }

 private:
  std::unordered_map<std::string, Resource> resources_;
};

std::string random_name();
// A strong ETag for an ICE generation.
std::string etag_of(std::string_view ice_ufrag);

// The value of the first line "a=<name>:" in SDP text, or empty.
std::string sdp_attribute(std::string_view sdp, std::string_view name);
// The same description with other ICE credentials, on every line that has them.
std::string with_credentials(std::string_view sdp, std::string_view ufrag, std::string_view pwd);
// Our side of an ICE restart as a fragment (RFC 8840): credentials and candidates of an answer.
std::string fragment_of(std::string_view answer);

} // namespace whip
