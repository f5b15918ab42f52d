#include "theme.hpp"

#include "theme_check.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace client {
namespace {

constexpr std::array<std::string_view, 4> pictures = {".svg", ".png", ".jpg", ".webp"};
constexpr std::array<std::string_view, 4> others = {".json", ".css", ".mjs", ".woff2"};

bool ends_with_one_of(std::string_view name, const auto& endings) {
  return std::ranges::any_of(endings, [name](std::string_view ending) { return name.ends_with(ending); });
}

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string read_small(const std::string& path) {
  constexpr std::size_t longest = 64UL * 1024;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::ifstream file(path, std::ios::binary);
  std::string text(longest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text.size() > longest ? std::string() : text;
}

} // namespace

bool is_theme_picture(std::string_view name) {
  return is_plain(name) && ends_with_one_of(name, pictures);
}

bool is_theme_file(std::string_view name) {
  constexpr std::string_view modules = "modules/";
  if (name.starts_with(modules)) name.remove_prefix(modules.size());
  return is_plain(name) && (ends_with_one_of(name, pictures) || ends_with_one_of(name, others));
}

std::vector<std::string> theme_folders(const std::vector<std::string>& folders, std::string_view named) {
  std::vector<std::string> out;
  if (is_plain(named))
    for (const std::string& folder : folders)
      out.push_back(folder + "/themes/" + std::string(named));
  for (const std::string& folder : folders)
    out.push_back(folder + "/theme");
  return out;
}

ThemeSettings read_theme(const std::vector<std::string>& folders, const EachTheme& each) {
  ThemeSettings merged;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/theme.json";
    const std::string text = read_small(path);
    if (each && !text.empty()) each(path, text);
    const auto read = viadux::Json::parse(text);
    if (!read || !read->object()) continue; // the page goes on with what there is
    for (const auto& [name, value] : *read->object())
      if (!merged.json.find(name)) merged.json.set(name, value);
  }
  const viadux::Json* background = merged.json.find("background");
  const std::string name = background && background->text() ? *background->text() : std::string();
  std::error_code error;
  merged.has_background = is_theme_picture(name) && std::ranges::any_of(folders, [&](const auto& folder) {
                            return std::filesystem::is_regular_file(folder + "/" + name, error);
                          });
  return merged;
}

Themes::Themes(viadux::Host host) : host_(host), thread_([this] { run(); }) {}

Themes::~Themes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

viadux::Task<ThemeSettings> Themes::settings(std::vector<std::string> folders) {
  constexpr std::int64_t wait_us = 1'000;
  constexpr int most_waits = 2'000;
  if (folders.empty()) co_return ThemeSettings();
  const std::int64_t began_us = host_.now_us();
  for (int waits = 0;; ++waits) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = kept_.find(folders);
      if (found != kept_.end() && found->second.read_us > began_us - look_again_us)
        co_return found->second.settings;
      if (std::ranges::find(wanted_, folders) == wanted_.end() && wanted_.size() < most_kept)
        wanted_.push_back(folders);
    }
    wake_.notify_one();
    if (waits == most_waits || !co_await host_.sleep(wait_us)) co_return ThemeSettings();
  }
}

void Themes::check(const std::string& path, const std::string& text) {
  if (!on_fault) return;
  const std::size_t state = std::hash<std::string>()(text);
  if (checked_.size() >= most_kept) checked_.clear();
  const auto [known, fresh] = checked_.try_emplace(path, state);
  if (!fresh && std::exchange(known->second, state) == state) return;
  for (const std::string& fault : theme_faults(text))
    on_fault(path, fault);
}

void Themes::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !wanted_.empty(); });
    if (stopping_) return;
    const Folders folders = wanted_.front();
    lock.unlock();
    Entry entry{read_theme(folders, [this](const auto& path, const auto& text) { check(path, text); }),
                host_.now_us()};
    lock.lock();
    std::erase(wanted_, folders);
    if (kept_.size() >= most_kept) kept_.clear();
    kept_[folders] = std::move(entry);
  }
}

} // namespace client
