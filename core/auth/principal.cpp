#include "core/auth/principal.hpp"

#include <algorithm>
#include <array>

namespace viadux {
namespace {

using enum PrincipalRole;

struct Named {
  PrincipalRole role;
  std::string_view name;
};
constexpr std::array names{Named{viewer, "viewer"}, Named{operator_, "operator"},
                           Named{policy_writer, "policy_writer"}, Named{integrator, "integrator"},
                           Named{admin, "admin"}};

} // namespace

std::string_view to_string(PrincipalRole role) {
  const auto found = std::ranges::find(names, role, &Named::role);
  return found == names.end() ? "viewer" : found->name;
}

std::optional<PrincipalRole> principal_role_from(std::string_view name) {
  const auto found = std::ranges::find(names, name, &Named::name);
  return found == names.end() ? std::nullopt : std::optional(found->role);
}

bool Principal::may(PrincipalRole needed, std::string_view in_organisation) const {
  const bool role_fits = role == needed || role == admin || needed == viewer;
  // The whole server belongs to nobody's organisation.
  const bool in_reach = organisation.empty() || (!in_organisation.empty() && organisations &&
                                                 organisations->is_within(in_organisation, organisation));
  return role_fits && in_reach;
}

} // namespace viadux
