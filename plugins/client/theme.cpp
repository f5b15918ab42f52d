#include "theme.hpp"

#include "theme_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace client {
namespace {

struct Kind {
  std::string_view ending;
  std::string_view type;
};
constexpr std::array kinds = {
    Kind{".json", "application/json"},
    Kind{".css", "text/css; charset=utf-8"},
    Kind{".mjs", "text/javascript; charset=utf-8"},
    Kind{".svg", "image/svg+xml"},
    Kind{".png", "image/png"},
    Kind{".jpg", "image/jpeg"},
    Kind{".webp", "image/webp"},
    Kind{".woff2", "font/woff2"},
};

// FNV-1a: tells one state of a file from another, and has no need to withstand anybody.
std::string tag_of(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), hash, 16).ptr;
  return '"' + std::string(text.data(), end) + '"';
}

std::shared_ptr<const Themes::File> load(const std::string& path, std::size_t size) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return nullptr;
  auto file = std::make_shared<Themes::File>();
  file->bytes.resize(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(fd, file->bytes.data() + filled, size - filled);
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  ::close(fd);
  if (filled < size) return nullptr; // it became shorter while it was read
  file->type = theme_type(path);
  file->etag = tag_of(file->bytes);
  return file;
}

bool is_plain(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

} // namespace

std::string_view theme_type(std::string_view name) {
  for (const Kind& kind : kinds)
    if (name.ends_with(kind.ending)) return kind.type;
  return {};
}

bool is_theme_file(std::string_view name) {
  constexpr std::string_view modules = "modules/";
  if (name.starts_with(modules)) name.remove_prefix(modules.size());
  return is_plain(name) && name.size() <= 64 && !theme_type(name).empty();
}

std::shared_ptr<const Themes::File> Themes::find(const std::vector<std::string>& folders,
                                                 std::string_view name, std::int64_t now_us) {
  if (!is_theme_file(name)) return nullptr;
  for (const std::string& folder : folders)
    if (auto file = read(folder + "/theme/" + std::string(name), now_us)) return file;
  return nullptr;
}

std::shared_ptr<const Themes::File> Themes::read(const std::string& path, std::int64_t now_us) {
  constexpr std::size_t most_entries = 4096;
  if (kept_.size() >= most_entries && !kept_.contains(path)) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  Entry& entry = kept_[path];
  if (entry.looked_us != 0 && now_us - entry.looked_us < look_again_us) return entry.file;
  entry.looked_us = now_us;
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
                     static_cast<std::size_t>(status.st_size) <= largest_file;
  const std::int64_t modified_ns =
      there ? status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec : 0;
  if (there && entry.file && entry.modified_ns == modified_ns) return entry.file;
  const std::size_t had = entry.file ? entry.file->bytes.size() : 0;
  const auto size = there ? static_cast<std::size_t>(status.st_size) : 0;
  kept_bytes_ -= had;
  entry.file = there && kept_bytes_ + size <= most_kept ? load(path, size) : nullptr;
  entry.modified_ns = modified_ns;
  kept_bytes_ += entry.file ? size : 0;
  return entry.file;
}

void Themes::check(const std::string& path, const File& file) {
  Entry& entry = kept_[path];
  if (!on_fault || entry.checked == file.etag) return;
  entry.checked = file.etag;
  for (const std::string& fault : theme_faults(file.bytes))
    on_fault(path, fault);
}

viadux::Json Themes::settings(const std::vector<std::string>& folders, std::int64_t now_us) {
  viadux::Json merged{viadux::Json::Object{}};
  for (const std::string& folder : folders) {
    const auto file = read(folder + "/theme/theme.json", now_us);
    if (!file) continue;
    check(folder + "/theme/theme.json", *file);
    const auto read = viadux::Json::parse(file->bytes);
    if (!read || !read->object()) continue; // the page goes on with what there is
    for (const auto& [name, value] : *read->object())
      if (!merged.find(name)) merged.set(name, value);
  }
  return merged;
}

} // namespace client
