#include "core/config/schema.hpp"
#include "core/config/value.hpp"

namespace viadux {
namespace {

constexpr std::size_t width = 110;

void append_comment(std::string& out, std::string_view text) {
  std::string line = "#";
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (line.size() + 1 + word.size() > width) {
      out += line + "\n";
      line = "#";
    }
    line += ' ';
    line += word;
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  }
  out += line + "\n";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string default_as_toml(const ConfigKey& key) {
  const ConfigValue value = read_config_text(key, key.default_value).value(); // declare() has read it before
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::string out;
    for (const std::string& item : *list)
      out += (out.empty() ? "" : ", ") + quoted(item);
    return "[" + out + "]";
  }
  const bool bare =
      key.type == ConfigType::boolean || key.type == ConfigType::integer || key.type == ConfigType::number;
  const bool zero = std::holds_alternative<std::int64_t>(value) && std::get<std::int64_t>(value) == 0;
  return bare || zero ? key.default_value : quoted(key.default_value);
}

} // namespace

std::string render_configuration(const ConfigSchema& schema, std::string_view preface) {
  std::string out;
  if (!preface.empty()) append_comment(out, preface);
  for (const ConfigSection& section : schema.sections()) {
    if (!out.empty()) out += "\n";
    if (!section.help.empty()) append_comment(out, section.help);
    if (!section.name.empty())
      out += section.repeated ? "[[" + section.name + "]]\n" : "[" + section.name + "]\n";
    for (const ConfigKey& key : section.keys) {
      out += "\n";
      append_comment(out, key.help);
      append_comment(out, "(" + describe_key(key) + ")");
      out += key.name + " = " + default_as_toml(key) + "\n";
    }
  }
  return out;
}

std::string render_server_configuration(const ConfigSchema& schema) {
  return render_configuration(
      schema,
      "The configuration of Viadux: every key with its default. Made by `viadux config`; what you leave out "
      "stays at its default. `viadux check` finds mistakes. After a change send SIGHUP (systemctl reload "
      "viadux): keys marked \"live\" take effect at once, a change of one that needs a restart is refused. "
      "On the command line any key can be set by --set section.key=value.");
}

} // namespace viadux
