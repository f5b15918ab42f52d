// Who calls an API, and what they may. [any thread]
#pragma once

#include "core/config/organisations.hpp"

#include <memory>
#include <optional>
#include <string>

namespace viadux {

// What a token is for. Every role may read what viewer may; admin may all. Beyond that no role includes
// another.
enum class PrincipalRole : std::uint8_t {
  viewer = 1,        // reads rooms, participants, statistics
  operator_ = 2,     // runs meetings: admits, mutes, moves, ends
  policy_writer = 3, // changes policies and themes
  integrator = 4,    // makes rooms and bookings, receives events
  admin = 5,         // all of these, and tokens
};
std::string_view
to_string(PrincipalRole role); // "viewer", "operator", "policy_writer", "integrator", "admin"
std::optional<PrincipalRole> principal_role_from(std::string_view name);

struct Principal {
  std::string id; // the token's public name
  PrincipalRole role = PrincipalRole::viewer;
  std::string organisation; // code; "" is the whole server
  std::string label;
  std::shared_ptr<const Organisations> organisations; // the tree as it was when the token was checked

  // Whether this principal may do what `needed` stands for, in this organisation ("" is the whole server).
  bool may(PrincipalRole needed, std::string_view in_organisation) const;
};

} // namespace viadux
