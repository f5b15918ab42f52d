#include "core/cli/token_commands.hpp"

namespace viadux {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& arguments, std::string_view name) {
  const json::value* value = arguments.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::object& arguments, std::string_view name) {
  const json::value* value = arguments.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

json::object describe(const TokenRecord& token) {
  json::object out;
  out["id"] = token.id;
  out["role"] = token.role;
  out["organisation"] = token.organisation;
  out["label"] = token.label;
  out["created_ms"] = token.created_ms;
  out["expires_ms"] = token.expires_ms;
  out["revoked_ms"] = token.revoked_ms;
  return out;
}

void make_token(Auth& auth, const json::object& arguments, ControlSocket::Answer answer) {
  const std::string role_name = text_of(arguments, "role");
  const std::optional<PrincipalRole> role = principal_role_from(role_name);
  if (!role) {
    const auto near = nearest_name(role_name, {"viewer", "operator", "policy_writer", "integrator", "admin"});
    return answer(make_error(
        ErrorCode::bad_argument, "role_unknown", "there is no role \"" + role_name + "\"", "role",
        near ? "did you mean " + *near + "?" : "one of: viewer, operator, policy_writer, integrator, admin"));
  }
  const NewToken wanted{*role, text_of(arguments, "organisation"), text_of(arguments, "label"),
                        number_of(arguments, "lifetime_ms")};
  auth.create(wanted, [answer = std::move(answer)](const Result<CreatedToken>& made) {
    if (!made) return answer(made.error());
    json::object out = describe(made->record);
    out["token"] = made->token.reveal(); // the one time that it is told
    answer(json::value(std::move(out)));
  });
}

} // namespace

void register_token_commands(ControlSocket& socket, Auth& auth) {
  socket.register_command("token.new", [&auth](const json::object& arguments, ControlSocket::Answer answer) {
    make_token(auth, arguments, std::move(answer));
  });
  socket.register_command("token.list", [&auth](const json::object& arguments) -> Result<json::value> {
    json::array out;
    for (const TokenRecord& token : auth.list(text_of(arguments, "organisation")))
      out.push_back(describe(token));
    return json::value(std::move(out));
  });
  socket.register_command(
      "token.revoke", [&auth](const json::object& arguments, ControlSocket::Answer answer) {
        auth.revoke(text_of(arguments, "id"), [answer = std::move(answer)](const Result<void>& revoked) {
          if (!revoked) return answer(revoked.error());
          answer(json::value(json::object()));
        });
      });
}

} // namespace viadux
