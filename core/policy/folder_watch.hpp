// Tells when files in some folders have changed, once they have been quiet for a moment (an editor writes a
// file in several steps).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace viadux {

class FolderWatch {
 public:
  // [watch thread] `changed` is called when a file whose name ends with `ending` has changed.
  FolderWatch(const std::vector<std::string>& folders, std::string ending, std::function<void()> changed);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  bool works() const { return inotify_ >= 0; } // the system may have no watches left

 private:
  void run();
  bool read_changes();

  const std::string ending_;
  const std::function<void()> changed_;
  int inotify_ = -1;
  int stop_ = -1;
  std::thread thread_;
};

} // namespace viadux
