#include "core/plugin/policy_world.hpp"

namespace viadux {
namespace {

// Pure functions need neither an instance nor the control thread.
Result<Json> call_pure(viadux_pure_function function, const Json& arguments) {
  std::string reply;
  const std::string text = arguments.dump();
  const auto write = [](void* out, viadux_text document) {
    if (document.size <= VIADUX_DOCUMENT_LIMIT) static_cast<std::string*>(out)->assign(to_view(document));
  };
  const viadux_status status = function(to_text(text), write, &reply);
  auto json = Json::parse(reply.empty() ? "{}" : reply);
  if (!json) return json.error();
  if (status == VIADUX_OK) return json;
  const Json* message = json->find("message");
  return make_error(ErrorCode::bad_argument, "lua_function_failed",
                    message && message->text() ? *message->text() : "it failed");
}

} // namespace

PolicyWorld make_policy_world(const PluginHost& plugins) {
  PolicyWorld world;
  world.hooks = plugins.services().hooks;
  for (const auto& plugin : plugins.instances()) {
    if (plugin->phase() == PluginPhase::failed) continue;
    for (const DeclaredLuaFunction& function : plugin->declaration().lua_functions) {
      if (!function.pure) continue;
      PluginFunction bound{
          function.name,
          plugin->id(),
          function.help,
          function.request_schema,
          function.reply_schema,
          {},
          [pure = function.pure](const Json& arguments) { return call_pure(pure, arguments); }};
      if (const auto schema = Json::parse(function.request_schema))
        if (const auto request = PolicySchema::read(*schema)) bound.arguments = request->names();
      world.functions.push_back(std::move(bound));
    }
  }
  return world;
}

} // namespace viadux
