// An organisation's look: the folder theme/ of its own folder, and of the organisations above it.
// docs/page.md says what may lie in it. [control]
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>
#include <viadux/http.hpp>

namespace client {

// Reads small files now and then, and keeps them: an organisation's theme is some hundred kilobytes, from the
// disk's cache. What is larger than the limits is not served.
class Themes {
 public:
  static constexpr std::size_t largest_file = 2 * 1024 * 1024;
  static constexpr std::size_t most_kept = 32 * 1024 * 1024;
  static constexpr std::int64_t look_again_us = 5'000'000;

  struct File {
    std::string bytes;
    std::string type;
    std::string etag;
  };
  // `folders`: of the organisation, its own first. Null: there is none, or nobody may have it.
  std::shared_ptr<const File> find(const std::vector<std::string>& folders, std::string_view name,
                                   std::int64_t now_us);
  // theme.json, its members taken from the nearest folder that has them. Never null, perhaps empty. A file
  // that cannot be read counts for nothing.
  viadux::Json settings(const std::vector<std::string>& folders, std::int64_t now_us);

  // Told of each mistake in a theme.json, once for each state of the file.
  std::function<void(const std::string& path, const std::string& fault)> on_fault;

 private:
  void check(const std::string& path, const File& file);
  struct Entry {
    std::shared_ptr<const File> file; // null: there was none
    std::int64_t modified_ns = 0;
    std::int64_t looked_us = 0;
    std::string checked; // the etag of what was looked through for mistakes
  };
  std::shared_ptr<const File> read(const std::string& path, std::int64_t now_us);
  std::unordered_map<std::string, Entry> kept_;
  std::size_t kept_bytes_ = 0;
};

// "logo.svg", "modules/invite.mjs": one of the kinds that a theme has, and nothing that leads elsewhere.
bool is_theme_file(std::string_view name);
// Its media type; empty for other kinds.
std::string_view theme_type(std::string_view name);

} // namespace client
