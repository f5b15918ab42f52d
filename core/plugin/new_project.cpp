#include "core/plugin/new_project.hpp"

#include "core/plugin/template_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace viadux {
namespace {

bool is_name(std::string_view name) {
  // Words of C++ cannot name a file's class well, those of the server are sections of its configuration.
  static constexpr std::array<std::string_view, 20> taken{
      "auth",   "class", "control", "default",   "events",        "http",   "limits",
      "log",    "main",  "media",   "namespace", "organisations", "plugin", "plugins",
      "policy", "rooms", "store",   "test",      "viadux",        "new"};
  if (name.empty() || name.size() > 32 || name.front() < 'a' || name.front() > 'z') return false;
  const bool letters = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  return letters && std::ranges::find(taken, name) == taken.end();
}

// door_bell -> DoorBell
std::string class_name(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    upper = c == '_';
  }
  return out;
}

std::string filled_in(std::string_view text, const std::string& name) {
  std::string out(text);
  const std::pair<std::string, std::string> words[] = {{"@NAME@", name}, {"@CLASS@", class_name(name)}};
  for (const auto& [word, value] : words) {
    for (std::size_t at = out.find(word); at != std::string::npos; at = out.find(word, at + value.size())) {
      out.replace(at, word.size(), value);
    }
  }
  return out;
}

} // namespace

Result<std::vector<std::string>> write_plugin_project(const std::string& folder, const std::string& name) {
  if (!is_name(name)) {
    return make_error(ErrorCode::bad_argument, "name_malformed", "'" + name + "' cannot be a plugin's name",
                      "name",
                      "take lower-case letters, digits and '_', and none of the server's own sections");
  }
  const std::filesystem::path root = std::filesystem::path(folder) / name;
  std::error_code failure;
  if (std::filesystem::exists(root, failure)) {
    return make_error(ErrorCode::refused, "folder_exists",
                      root.string() + " exists already; nothing was written");
  }
  if (!std::filesystem::create_directories(root, failure)) {
    return make_error(ErrorCode::internal, "not_written", root.string() + ": " + failure.message());
  }
  std::vector<std::string> paths;
  for (const TemplateFile& file : template_files) {
    const std::filesystem::path path =
        root / (file.name == "plugin.cpp" ? name + ".cpp" : std::string(file.name));
    std::ofstream out(path);
    out << filled_in(file.text, name);
    out.close();
    if (!out) return make_error(ErrorCode::internal, "not_written", path.string() + " could not be written");
    paths.push_back(path.string());
  }
  return paths;
}

} // namespace viadux
