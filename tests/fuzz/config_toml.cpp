// Configuration and organisation files, and --set. What loads must have every key; what does not must say
// why.
#include "core/config/organisations.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void load(const viadux::ConfigSchema& schema, std::string_view text,
          const std::vector<std::string>& overrides) {
  const viadux::ConfigLoad load = viadux::parse_configuration(schema, text, "fuzz.toml", overrides);
  expect((load.configuration != nullptr) == load.mistakes.empty());
  expect(load.mistakes.size() <= 101);
  for (const viadux::ConfigMistake& mistake : load.mistakes)
    expect(!viadux::to_string(mistake).empty());
  if (!load.configuration) return;
  for (const viadux::ConfigSection& section : schema.sections()) {
    if (section.repeated) {
      for (const viadux::ConfigTable& table : load.configuration->repeated(section.name)) {
        for (const viadux::ConfigKey& key : section.keys)
          expect(table.has(key.name));
      }
      continue;
    }
    for (const viadux::ConfigKey& key : section.keys) {
      expect(load.configuration->has(section.name.empty() ? key.name : section.name + "." + key.name));
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const viadux::ConfigSchema core = viadux::core_schema();
  static const viadux::ConfigSchema organisation = viadux::organisation_schema();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A secret may name any file of this machine; that one is read is another test's business.
  if (text.find("file:") != std::string_view::npos) return 0;
  load(core, text, {});
  load(organisation, text, {});
  load(core, "", {std::string(text.substr(0, text.find('\n')))});
  return 0;
}
