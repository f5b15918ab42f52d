// An organisation's look: where its theme lies, and what theme.json says. docs/page.md says what may lie
// there. The files themselves are given by the host (HttpResponse::file).
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#include <viadux/host.hpp>
#include <viadux/json.hpp>

namespace client {

// What theme.json says, its members taken from the nearest folder that has them, and whether the background
// that it names is there.
struct ThemeSettings {
  viadux::Json json{viadux::Json::Object{}};
  bool has_background = false;
};
// Reads them, at most 64 KiB each. [any thread, and slowly: from the disk]
// `each` gets every theme.json that is there, as it is.
using EachTheme = std::function<void(const std::string& path, const std::string& text)>;
ThemeSettings read_theme(const std::vector<std::string>& folders, const EachTheme& each = {});

// Reads on a thread of its own, and keeps what it has read for a while.
class Themes {
 public:
  static constexpr std::int64_t look_again_us = 5'000'000;
  static constexpr std::size_t most_kept = 1024;

  explicit Themes(viadux::Host host);
  ~Themes();
  Themes(const Themes&) = delete;
  Themes& operator=(const Themes&) = delete;

  // [control] `folders`: theme_folders(). What a disk does not give within two seconds is as if it were not
  // there.
  viadux::Task<ThemeSettings> settings(std::vector<std::string> folders);

  // [its thread] Told of each mistake in a theme.json, once for each state of the file. Set before anybody
  // asks.
  std::function<void(const std::string& path, const std::string& fault)> on_fault;

 private:
  using Folders = std::vector<std::string>;
  struct Entry {
    ThemeSettings settings;
    std::int64_t read_us = 0;
  };
  void run();
  void check(const std::string& path, const std::string& text);

  viadux::Host host_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Folders, Entry> kept_;
  std::map<std::string, std::size_t> checked_; // [its thread] path -> what was looked through for mistakes
  std::vector<Folders> wanted_;
  bool stopping_ = false;
  std::thread thread_; // last
};

// Where an organisation's theme lies: themes/<named>/ of its own folder and of those above, then their
// theme/. `folders` are the organisations', its own first; a name that is no plain one counts as none.
std::vector<std::string> theme_folders(const std::vector<std::string>& folders, std::string_view named);
// "logo.svg", "modules/invite.mjs": one of the kinds that a theme has, and nothing that leads elsewhere.
bool is_theme_file(std::string_view name);
bool is_theme_picture(std::string_view name);

} // namespace client
