#include "core/plugin/auth_interface.hpp"

#include <viadux/documents/auth.hpp>

namespace viadux {

// The documents' enum begins at 0, the core's at 1; the words are the same.
static_assert(static_cast<int>(PrincipalRole::admin) ==
              static_cast<int>(documents::PrincipalRole::admin) + 1);

AuthInterface::AuthInterface(Auth& auth) : HostInterface("viadux.auth") {
  add_method<documents::CheckToken, documents::Principal>(
      "check", [&auth](PluginInstance&, const documents::CheckToken& asked,
                       const MethodDone<documents::Principal>& done) {
        const auto principal = auth.check(asked.token, asked.source);
        if (!principal) return done(principal.error());
        if (asked.needed) {
          const auto needed = static_cast<PrincipalRole>(static_cast<int>(*asked.needed) + 1);
          if (!principal->may(needed, asked.organisation.value_or(""))) {
            return done(
                make_error(ErrorCode::refused, "role_missing", "this token may not do that", "needed"));
          }
        }
        documents::Principal out;
        out.id = principal->id;
        out.role = static_cast<documents::PrincipalRole>(static_cast<int>(principal->role) - 1);
        out.organisation = principal->organisation;
        out.label = principal->label;
        done(out);
      });
}

} // namespace viadux
