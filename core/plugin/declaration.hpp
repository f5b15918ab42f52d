// What a plugin declares, copied out of its C tables and checked. Set-up only.
#pragma once

#include "core/policy/hook.hpp"

#include <cstdint>
#include <string>
#include <vector>
#include <viadux/abi.h>
#include <viadux/result.hpp>

namespace viadux {

struct DeclaredKey {
  std::string name;
  viadux_key_type type = VIADUX_KEY_TEXT;
  viadux_reload_class reload = VIADUX_RELOAD_RESTART;
  std::string default_value; // JSON
  double minimum = 0;
  double maximum = 0;
  std::vector<std::string> choices;
  std::string help; // the unit is in it
};

struct DeclaredMetric {
  std::string name; // without the prefix
  viadux_metric_kind kind = VIADUX_COUNTER;
  std::vector<std::string> labels;
  std::vector<double> bounds;
  std::string help;
};

struct DeclaredMethod {
  std::string name;
  viadux_handler handler = nullptr;
  std::string request_schema;
  std::string reply_schema;
  std::string help;
};

struct DeclaredOffer {
  std::string name;
  std::vector<DeclaredMethod> methods;
};

struct DeclaredLuaFunction {
  std::string name;
  std::string interface;
  std::string method;
  std::string help;
  std::string request_schema; // the method's
  std::string reply_schema;
  viadux_pure_function pure = nullptr;
};

struct Declaration {
  std::string id;
  std::string version;
  std::string licence;
  std::string help;
  viadux_plugin_status status = VIADUX_ALPHA;
  std::vector<DeclaredKey> keys;
  std::vector<DeclaredMetric> metrics;
  std::vector<DeclaredOffer> offers;
  std::vector<HookText> hooks;
  std::vector<DeclaredLuaFunction> lua_functions;
  std::vector<std::string> required; // interfaces
  std::vector<std::string> wanted;
  viadux_plugin functions{}; // the lifecycle functions; those that the plugin's version lacks are null
};

// The version is looked at first: nothing else of the descriptor is read when it does not fit. Errors:
// unsupported (version_mismatch: one sentence that names both versions), bad_argument (descriptor_malformed:
// which part).
Result<Declaration> read_declaration(const viadux_plugin& descriptor);

} // namespace viadux
