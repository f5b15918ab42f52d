#include "core/config/live_configuration.hpp"

namespace viadux {
namespace {

// The class of a full name; keys inside repeated sections are compared by who reads them.
ReloadClass reload_class(const ConfigSchema& schema, const std::string& name) {
  const ConfigKey* key = schema.key(name);
  return key == nullptr ? ReloadClass::restart : key->reload;
}

} // namespace

std::shared_ptr<const Configuration> LiveConfiguration::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

ReloadResult LiveConfiguration::reload() {
  ConfigLoad load = load_configuration(schema_, source_);
  if (!load.configuration) return {{}, std::move(load.mistakes)};

  const std::shared_ptr<const Configuration> before = current();
  ReloadResult result;
  for (const std::string& name : load.configuration->keys()) {
    if (load.configuration->value(name) == before->value(name)) continue;
    if (reload_class(schema_, name) != ReloadClass::restart) {
      result.changed.push_back(name);
      continue;
    }
    const bool set = load.configuration->is_set(name);
    result.mistakes.push_back({set ? load.configuration->position(name) : source_.file, 0, 0, name,
                               "can't change while the server runs",
                               "restart the server, or put the old value back"});
  }
  if (!result.mistakes.empty()) return {{}, std::move(result.mistakes)};
  if (result.changed.empty()) return result;
  {
    const std::lock_guard lock(mutex_);
    current_ = load.configuration;
  }
  for (const Listener& listener : listeners_)
    listener(*load.configuration, result.changed);
  return result;
}

} // namespace viadux
