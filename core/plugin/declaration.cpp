#include "core/plugin/declaration.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <viadux/json.hpp>
#include <viadux/text.hpp>

namespace viadux {
namespace {

constexpr std::uint32_t table_limit = 1000; // items of one table
constexpr std::size_t text_limit = 64 * 1024;

Error malformed(std::string what) {
  return make_error(ErrorCode::bad_argument, "descriptor_malformed", "its descriptor " + std::move(what), {},
                    "build it anew with viadux_add_plugin() and <viadux/plugin.hpp>");
}

// Copies texts and tables, and remembers the first thing that was wrong.
class Reader {
 public:
  std::string text(viadux_text text, const char* what) {
    if (text.size > text_limit || (text.size > 0 && text.data == nullptr)) {
      fail(std::string("has a bad text for ") + what);
      return {};
    }
    std::string copy(to_view(text));
    if (!detail::is_utf8(copy)) fail(std::string("has a text that is not UTF-8 for ") + what);
    return copy;
  }
  // Items are copied one by one by the size that the plugin knew: a tail that it lacks stays zero.
  template <class Item, class Visit>
  void table(const viadux_table& table, const char* what, Visit visit) {
    if (table.count == 0) return;
    if (table.items == nullptr || table.count > table_limit || table.item_size == 0 ||
        table.item_size > 4096) {
      return fail(std::string("has a bad table of ") + what);
    }
    const auto* bytes = static_cast<const char*>(table.items);
    for (std::uint32_t i = 0; i < table.count; ++i) {
      Item item{};
      std::memcpy(&item, bytes + std::size_t{i} * table.item_size,
                  std::min<std::size_t>(table.item_size, sizeof item));
      visit(item);
    }
  }
  void fail(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
  }
  const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
};

bool is_id(std::string_view id) {
  if (id.empty() || id.size() > 32 || id.front() < 'a' || id.front() > 'z') return false;
  return std::ranges::all_of(
      id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_object(std::string_view text) {
  const auto json = Json::parse(text);
  return json && json->object();
}

std::vector<std::string> split_choices(const std::string& text) {
  std::vector<std::string> choices;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('|', from), text.size());
    choices.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return choices;
}

DeclaredKey read_key(Reader& reader, const viadux_key& key) {
  DeclaredKey out;
  out.name = reader.text(key.name, "a key's name");
  out.type = key.type;
  out.reload = key.reload;
  out.default_value = reader.text(key.default_value, "a key's default");
  out.minimum = key.minimum;
  out.maximum = key.maximum;
  out.choices = split_choices(reader.text(key.choices, "a key's choices"));
  out.help = reader.text(key.help, "a key's help");
  const std::string unit = reader.text(key.unit, "a key's unit");
  if (!unit.empty()) out.help += " In " + unit + ".";
  if (key.type < VIADUX_KEY_BOOL || key.type > VIADUX_KEY_SECRET)
    reader.fail("has an unknown type for key " + out.name);
  if (key.reload < VIADUX_RELOAD_LIVE || key.reload > VIADUX_RELOAD_RESTART) {
    reader.fail("has an unknown reload class for key " + out.name);
  }
  return out;
}

DeclaredMetric read_metric(Reader& reader, const viadux_metric& metric) {
  DeclaredMetric out;
  out.name = reader.text(metric.name, "a metric's name");
  out.kind = metric.kind;
  out.help = reader.text(metric.help, "a metric's help");
  if (metric.label_count > 4 || (metric.label_count > 0 && !metric.labels)) {
    reader.fail("has bad labels for metric " + out.name);
    return out;
  }
  for (std::uint32_t i = 0; i < metric.label_count; ++i) {
    out.labels.push_back(reader.text(metric.labels[i], "a metric's label"));
  }
  if (metric.bound_count > 64 || (metric.bound_count > 0 && !metric.bounds)) {
    reader.fail("has bad bounds for metric " + out.name);
    return out;
  }
  if (metric.bound_count > 0) out.bounds.assign(metric.bounds, metric.bounds + metric.bound_count);
  if (!std::ranges::is_sorted(out.bounds)) reader.fail("has bounds that do not rise for metric " + out.name);
  if (metric.kind < VIADUX_COUNTER || metric.kind > VIADUX_HISTOGRAM) {
    reader.fail("has an unknown kind for metric " + out.name);
  }
  return out;
}

DeclaredOffer read_offer(Reader& reader, const viadux_offer& offer) {
  DeclaredOffer out;
  out.name = reader.text(offer.name, "an interface's name");
  if (out.name.empty()) reader.fail("offers an interface without a name");
  reader.table<viadux_method>(offer.methods, "methods", [&](const viadux_method& method) {
    DeclaredMethod copy;
    copy.name = reader.text(method.name, "a method's name");
    copy.handler = method.handler;
    copy.request_schema = reader.text(method.request_schema, "a method's schema");
    copy.reply_schema = reader.text(method.reply_schema, "a method's schema");
    copy.help = reader.text(method.help, "a method's help");
    if (!method.handler) reader.fail("offers " + out.name + " " + copy.name + " without a handler");
    out.methods.push_back(std::move(copy));
  });
  return out;
}

HookText read_hook(Reader& reader, const viadux_hook& hook, const std::string& plugin) {
  HookText out;
  out.plugin = plugin;
  out.name = reader.text(hook.name, "a hook's name");
  out.default_answer = reader.text(hook.default_answer, "a hook's default");
  out.question_schema = reader.text(hook.arguments, "a hook's question");
  out.answer_schema = reader.text(hook.answers, "a hook's answer");
  out.help = reader.text(hook.help, "a hook's help");
  out.closed_answer = reader.text(hook.closed_answer, "a hook's careful answer");
  out.cache_ms = static_cast<std::int64_t>(std::min<std::uint64_t>(hook.cache_ms, 86'400'000));
  if (!out.closed_answer.empty() && !is_object(out.closed_answer))
    reader.fail("has a hook whose careful answer is no document: " + out.name);
  if (!is_id(out.name)) reader.fail("has a hook whose name is not [a-z][a-z0-9_]{0,31}: " + out.name);
  if (!is_object(out.default_answer)) reader.fail("has a hook whose default is no document: " + out.name);
  for (const std::string* schema : {&out.question_schema, &out.answer_schema}) {
    if (!schema->empty() && !is_object(*schema))
      reader.fail("has a hook whose schema is no JSON: " + out.name);
  }
  return out;
}

// "phone.normalise": in a table of its own, so that a policy sees whose it is.
bool is_lua_name(std::string_view name) {
  static constexpr std::array<std::string_view, 10> taken{
      "string", "table", "math", "utf8", "os", "io", "coroutine", "debug", "package", "viadux"};
  const std::size_t dot = name.find('.');
  return dot != std::string_view::npos && is_id(name.substr(0, dot)) && is_id(name.substr(dot + 1)) &&
         std::ranges::find(taken, name.substr(0, dot)) == taken.end();
}

DeclaredLuaFunction read_lua_function(Reader& reader, const viadux_lua_function& function,
                                      const std::vector<DeclaredOffer>& offers) {
  DeclaredLuaFunction out;
  out.name = reader.text(function.name, "a Lua function");
  out.interface = reader.text(function.interface, "a Lua function");
  out.method = reader.text(function.method, "a Lua function");
  out.help = reader.text(function.help, "a Lua function");
  if (!is_lua_name(out.name))
    reader.fail("has a Lua function whose name is not two words, or one of Lua's own tables: " + out.name);
  out.pure = function.pure;
  bool offered = false;
  for (const DeclaredOffer& offer : offers)
    for (const DeclaredMethod& method : offer.methods) {
      if (offer.name != out.interface || method.name != out.method) continue;
      offered = true;
      out.request_schema = method.request_schema;
      out.reply_schema = method.reply_schema;
    }
  if (!offered)
    reader.fail("has the Lua function " + out.name + " on " + out.interface + " " + out.method +
                ", which it does not offer");
  return out;
}

Error version_mismatch(const viadux_plugin& descriptor) {
  const auto version = [](unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
  };
  return make_error(ErrorCode::unsupported, "version_mismatch",
                    "it was built for plugin ABI " + version(descriptor.abi_major, descriptor.abi_minor) +
                        ", and this server has " + version(VIADUX_ABI_MAJOR, VIADUX_ABI_MINOR),
                    {}, "build it against this server's SDK, or install a server that is as new");
}

} // namespace

Result<Declaration> read_declaration(const viadux_plugin& descriptor) {
  // The first three members never move, in any version; nothing more may be read before they fit.
  if (descriptor.abi_major != VIADUX_ABI_MAJOR || descriptor.abi_minor > VIADUX_ABI_MINOR) {
    return version_mismatch(descriptor);
  }
  // What comes after destroy() may be missing, as any function of the life may be.
  if (descriptor.struct_size < offsetof(viadux_plugin, configure)) {
    return malformed("is too small: " + std::to_string(descriptor.struct_size) + " bytes");
  }
  viadux_plugin plugin{};
  std::memcpy(&plugin, &descriptor, std::min<std::size_t>(descriptor.struct_size, sizeof plugin));

  Reader reader;
  Declaration out;
  out.functions = plugin;
  out.id = reader.text(plugin.id, "the id");
  out.version = reader.text(plugin.version, "the version");
  out.licence = reader.text(plugin.licence, "the licence");
  out.help = reader.text(plugin.help, "the help");
  out.status = plugin.status;
  if (!is_id(out.id)) reader.fail("has an id that is not [a-z][a-z0-9_]{0,31}");
  if (out.version.empty()) reader.fail("has no version");
  if (out.licence.empty()) reader.fail("has no licence");
  if (!plugin.create || !plugin.destroy) reader.fail("lacks create() or destroy()");
  reader.table<viadux_key>(plugin.keys, "keys",
                           [&](const auto& key) { out.keys.push_back(read_key(reader, key)); });
  reader.table<viadux_metric>(plugin.metrics, "metrics", [&](const auto& metric) {
    out.metrics.push_back(read_metric(reader, metric));
  });
  reader.table<viadux_offer>(plugin.offers, "interfaces",
                             [&](const auto& offer) { out.offers.push_back(read_offer(reader, offer)); });
  reader.table<viadux_hook>(plugin.hooks, "hooks",
                            [&](const auto& hook) { out.hooks.push_back(read_hook(reader, hook, out.id)); });
  reader.table<viadux_lua_function>(plugin.lua_functions, "Lua functions", [&](const auto& function) {
    out.lua_functions.push_back(read_lua_function(reader, function, out.offers));
  });
  const auto names = [&reader](const viadux_table& table, std::vector<std::string>& into) {
    reader.table<viadux_text>(table, "required or wanted interfaces", [&](const viadux_text& name) {
      into.push_back(reader.text(name, "an interface's name"));
    });
  };
  names(plugin.required, out.required);
  names(plugin.wanted, out.wanted);
  if (!reader.problem().empty()) return malformed(reader.problem());
  return out;
}

} // namespace viadux
