// viadux/documents/auth.hpp - interface "viadux.auth": who calls an API.
#pragma once

#include <viadux/document.hpp>

namespace viadux::documents {

enum class PrincipalRole : std::uint8_t { viewer, operator_, policy_writer, integrator, admin };

// viadux.auth check -> Principal. refused: token_missing, token_unknown, token_expired, token_revoked, and
// role_missing where `needed` is given and the principal may not; busy: auth_slowed.
struct CheckToken {
  std::string token;
  std::string source;
  std::optional<PrincipalRole> needed;
  std::optional<std::string> organisation;

  static constexpr auto fields() {
    return field_table(
        field("token", &CheckToken::token, "As in Authorization: Bearer.").limit(256),
        field("source", &CheckToken::source, "The address it came from; slows guessers.").limit(64),
        field("needed", &CheckToken::needed, "What the principal must be allowed to do."),
        field("organisation", &CheckToken::organisation, "Where; absent is the whole server.").limit(64));
  }
};

struct Principal {
  std::string id;
  PrincipalRole role = PrincipalRole::viewer;
  std::string organisation;
  std::string label;

  static constexpr auto fields() {
    return field_table(field("id", &Principal::id, "The token's public name."),
                       field("role", &Principal::role, "What the token is for."),
                       field("organisation", &Principal::organisation, "Code; empty is the whole server."),
                       field("label", &Principal::label, "What it was made for."));
  }
};

} // namespace viadux::documents

template <>
struct viadux::EnumNames<viadux::documents::PrincipalRole> {
  static constexpr std::array<std::string_view, 5> names{"viewer", "operator", "policy_writer", "integrator",
                                                         "admin"};
};
