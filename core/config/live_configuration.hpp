// The configuration that is in force, and how it changes while the server runs.
#pragma once

#include "core/config/configuration.hpp"

#include <functional>
#include <mutex>

namespace viadux {

struct ReloadResult {
  std::vector<std::string> changed;    // full names of the keys that changed, live and new-rooms ones
  std::vector<ConfigMistake> mistakes; // why it was refused; empty when it was not
};

class LiveConfiguration {
 public:
  using Listener = std::function<void(const Configuration& now, const std::vector<std::string>& changed)>;

  LiveConfiguration(ConfigSchema schema, ConfigSource source,
                    std::shared_ptr<const Configuration> configuration)
      : schema_(std::move(schema)), source_(std::move(source)), current_(std::move(configuration)) {}

  // [any thread] Keep the pointer for as long as the values must fit each other.
  std::shared_ptr<const Configuration> current() const;
  // [control] Reads the source again. Refused as a whole, and nothing changes, when anything is wrong or a
  // key of class restart differs. Otherwise the listeners are called in the order they came, if any key
  // changed.
  ReloadResult reload();
  // [control] Listeners stay for the life of this object.
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  const ConfigSchema& schema() const { return schema_; }

 private:
  const ConfigSchema schema_;
  const ConfigSource source_;
  mutable std::mutex mutex_; // guards current_ alone
  std::shared_ptr<const Configuration> current_;
  std::vector<Listener> listeners_;
};

} // namespace viadux
