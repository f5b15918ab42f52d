#include "core/policy/reference.hpp"

#include "core/policy/shipped.hpp"

#include <algorithm>

namespace viadux {
namespace {

using Type = PolicySchema::Type;

// "--- help" above "function name(arguments)".
void add_standard(std::vector<LibraryEntry>& all) {
  std::string_view text = shipped_lua("standard.lua");
  std::string help;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with("--- ")) {
      help = line.substr(4);
    } else if (line.starts_with("function ")) {
      const std::size_t open = line.find('(');
      const std::size_t close = line.find(')');
      if (open != std::string_view::npos && close != std::string_view::npos)
        all.push_back({std::string(line.substr(9, open - 9)),
                       std::string(line.substr(open + 1, close - open - 1)), help});
      help.clear();
    }
  }
}

std::string plugin_arguments(const PluginFunction& function) {
  std::string out;
  for (const std::string& name : function.arguments)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

void add_rows(std::string& out, const PolicySchema& schema, const Json* defaults, const std::string& path) {
  for (const PolicySchema& field : schema.fields) {
    const std::string name = path + field.name;
    const Json* by_default = defaults ? defaults->find(field.name) : nullptr;
    out += "| `" + name + "` | " + cell(describe(field)) + " | " +
           (by_default ? "`" + by_default->dump() + "`" : "") + " | " + cell(field.help) + " |\n";
    if (field.type == Type::table) add_rows(out, field, by_default, name + ".");
    if (field.type == Type::list && !field.item.empty() && field.item.front().type == Type::table)
      add_rows(out, field.item.front(), nullptr, name + "[].");
  }
}

std::string lua_type(const PolicySchema& schema, const std::string& class_name) {
  if (!schema.choices.empty()) {
    std::string out;
    for (const std::string& choice : schema.choices)
      out += (out.empty() ? "\"" : "|\"") + choice + "\"";
    return out;
  }
  switch (schema.type) {
  case Type::boolean:
    return "boolean";
  case Type::integer:
    return "integer";
  case Type::number:
    return "number";
  case Type::text:
    return "string";
  case Type::table:
    return schema.fields.empty() ? "table" : class_name;
  case Type::list: {
    if (schema.item.empty()) return "any[]";
    const std::string item = lua_type(schema.item.front(), class_name);
    return (schema.item.front().choices.empty() ? item : "(" + item + ")") + "[]";
  }
  default:
    return "any";
  }
}

void add_class(std::string& out, const std::string& name, const PolicySchema& schema, bool optional) {
  for (const PolicySchema& field : schema.fields) {
    if (field.type == Type::table && !field.fields.empty())
      add_class(out, name + "." + field.name, field, optional);
    if (field.type == Type::list && !field.item.empty() && field.item.front().type == Type::table)
      add_class(out, name + "." + field.name, field.item.front(), false);
  }
  out += "---@class " + name + "\n";
  for (const PolicySchema& field : schema.fields)
    out += "---@field " + field.name + (optional ? "?" : "") + " " +
           lua_type(field, name + "." + field.name) + " " + field.help + "\n";
  out += "\n";
}

} // namespace

std::vector<LibraryEntry> library_entries(const PolicyWorld& world) {
  std::vector<LibraryEntry> all;
  for (const auto functions : {text_functions(), net_functions(), time_functions(), secret_functions()})
    for (const LibraryFunction& function : functions)
      all.push_back({function.name, function.arguments, function.help});
  add_standard(all);
  for (const PluginFunction& function : world.functions)
    all.push_back(
        {function.name, plugin_arguments(function), function.help + " (Plugin " + function.plugin + ".)"});
  all.push_back(
      {"note", "text", "Writes a line into the decision's trace (viadux policy run, viadux policy trace)."});
  all.push_back(
      {"close_on_failure", "hook",
       "At the top of a file: if the policy fails, this hook gives its careful answer, though it is open."});
  std::ranges::sort(all, {}, &LibraryEntry::name);
  return all;
}

std::string render_policy_reference(const PolicyWorld& world) {
  std::string out =
      "# Policies: the reference\n\n"
      "Made by `viadux policy reference` from the tables that the server itself uses. How to begin is in "
      "[policies.md](policies.md).\n\n"
      "A hook is a function that you write: `function hooks.NAME(question) ... return answer end`. What "
      "you leave out of an answer is its default; an answer of `nil` is the default altogether.\n\n"
      "## Hooks\n\n| hook | asked | if the policy fails |\n|---|---|---|\n";
  for (const auto& [name, hook] : world.hooks.all()) {
    out.append("| [`").append(name).append("`](#").append(name).append(") | ").append(cell(hook.help));
    if (hook.on_failure == OnFailure::closed)
      out.append(" | closed: `").append(cell(hook.closed_answer.dump())).append("` |\n");
    else
      out.append(" | open: the default |\n");
  }
  for (const auto& [name, hook] : world.hooks.all()) {
    out += "\n## " + name + "\n\n" + hook.help;
    if (!hook.plugin.empty()) out += " (Plugin " + hook.plugin + ".)";
    if (hook.cache_ms > 0)
      out +=
          " The same question may have the same answer for " + std::to_string(hook.cache_ms / 1000) + " s.";
    out += "\n\n| question | is | | |\n|---|---|---|---|\n";
    add_rows(out, hook.question, nullptr, "");
    out += "\n| answer | is | default | |\n|---|---|---|---|\n";
    add_rows(out, hook.answer, &hook.default_answer, "");
  }
  out += "\n## Functions\n\nBeside these: Lua's `assert error ipairs next pairs pcall select tonumber "
         "tostring type`, its "
         "`string` (patterns are [Lua's](https://www.lua.org/manual/5.4/manual.html#6.4.1)), `table`, `math` "
         "and `utf8`, "
         "without what reaches files, programs or other code. `parent.NAME(question)` asks the hook of the "
         "organisation "
         "above.\n\n| function | |\n|---|---|\n";
  for (const LibraryEntry& entry : library_entries(world))
    out += "| `" + entry.name + "(" + cell(entry.arguments) + ")` | " + cell(entry.help) + " |\n";
  return out;
}

std::string render_editor_stubs(const PolicyWorld& world) {
  std::string out =
      "---@meta\n-- Made by `viadux policy stubs`, for editors with the Lua language server: put it beside "
      "policy.lua.\n\n";
  for (const auto& [name, hook] : world.hooks.all()) {
    add_class(out, name + "_question", hook.question, false);
    add_class(out, name + "_answer", hook.answer, true);
  }
  out += "---The functions that you write.\n---@class viadux_hooks\n";
  for (const auto& [name, hook] : world.hooks.all())
    out.append("---@field ")
        .append(name)
        .append(" fun(question: ")
        .append(name)
        .append("_question): ")
        .append(name)
        .append("_answer? ")
        .append(hook.help)
        .append("\n");
  out += "hooks = {}\n\n---The hooks of the organisation above.\n---@type viadux_hooks\nparent = {}\n\n";
  std::string table;
  for (const LibraryEntry& entry : library_entries(world)) {
    const std::size_t dot = entry.name.find('.');
    const std::string here = dot == std::string::npos ? "" : entry.name.substr(0, dot);
    if (here == "string") continue; // the editor knows Lua's own
    if (!here.empty() && here != table) out += here + " = {}\n\n";
    table = here;
    std::string arguments;
    for (const char c : entry.arguments)
      if (c != '[' && c != ']')
        arguments += c == ' ' && arguments.ends_with(' ') ? std::string() : std::string(1, c);
    out += "---" + entry.help + "\nfunction " + entry.name + "(" + arguments + ") end\n\n";
  }
  return out;
}

} // namespace viadux
