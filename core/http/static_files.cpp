#include "core/http/static_files.hpp"

#include "core/http/text.hpp"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace viadux {
namespace {

struct Type {
  std::string_view extension;
  std::string_view content_type;
  bool compress = false;
};
constexpr Type types[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".md", "text/plain; charset=utf-8", true},
    {".xml", "application/xml", true},
    {".vtt", "text/vtt; charset=utf-8", true},
    {".wasm", "application/wasm", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".jpeg", "image/jpeg", false},
    {".webp", "image/webp", false},
    {".gif", "image/gif", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
    {".mp3", "audio/mpeg", false},
    {".wav", "audio/wav", false},
    {".ogg", "audio/ogg", false},
    {".mp4", "video/mp4", false},
    {".webm", "video/webm", false},
    {".pdf", "application/pdf", false},
};
constexpr Type unknown_type = {"", "application/octet-stream", false};
constexpr std::size_t max_compressed_source = 4 * 1024 * 1024; // larger ones would hold up the thread
constexpr std::size_t min_compressed_source = 512;

Type type_of(const std::string& path) {
  const std::string extension = lower_case(std::filesystem::path(path).extension().string());
  for (const Type& type : types)
    if (type.extension == extension) return type;
  return unknown_type;
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Names that could mean something else than a plain name below the folder, and hidden files.
bool is_plain_name(const std::string& segment) {
  return !segment.empty() && segment.front() != '.' &&
         segment.find_first_of(std::string_view("/\\\0", 3)) == segment.npos;
}

StaticFiles::Answer not_found() {
  return {problem(404, "path_unknown", "there is nothing at this path"), nullptr};
}

} // namespace

StaticFiles::Answer StaticFiles::get(const std::vector<std::string>& segments, const HttpRequest& request) {
  std::string path = root_;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool is_folder_end = segments[i].empty() && i + 1 == segments.size();
    if (is_folder_end) {
      if (options_.index.empty()) return not_found();
      path += '/' + options_.index;
    } else if (is_plain_name(segments[i])) {
      path += '/' + segments[i];
    } else {
      return not_found();
    }
  }
  std::error_code error;
  // A link may point elsewhere within the folder, never out of it.
  const std::string real = std::filesystem::canonical(path, error).string();
  if (error || (real != root_ && !real.starts_with(root_ + '/'))) return not_found();
  if (std::filesystem::is_directory(real, error)) {
    if (options_.index.empty()) return not_found();
    // Relative links in the index need the '/' at the end. The target is used as it came, so that nothing is
    // encoded twice; it starts with one '/' only, else it would name another host.
    const std::string raw = request.target.substr(0, request.target.find('?'));
    if (!raw.starts_with('/') || raw.starts_with("//")) return not_found();
    return {redirect(raw + '/', 308), nullptr};
  }
  const auto file = find(real);
  return file ? found(*file, request) : not_found();
}

StaticFiles::Answer StaticFiles::get(HttpResponse response, const HttpRequest& request) {
  const HttpFile wanted = *std::exchange(response.file, std::nullopt);
  for (std::size_t from = 0; from <= wanted.name.size();) {
    const std::size_t end = std::min(wanted.name.find('/', from), wanted.name.size());
    if (!is_plain_name(wanted.name.substr(from, end - from))) return {std::move(response), nullptr};
    from = end + 1;
  }
  for (const std::string& folder : wanted.folders) {
    std::error_code error;
    const std::string root = std::filesystem::canonical(folder, error).string();
    if (error) continue;
    const std::string real = std::filesystem::canonical(root + '/' + wanted.name, error).string();
    if (error || !real.starts_with(root + '/')) continue;
    const auto file = find(real);
    if (!file) continue;
    Answer answer = found(*file, request);
    for (const auto& [name, value] : response.headers.fields())
      if (!answer.response.headers.has(name) && !equals_ignoring_case(name, "Content-Type"))
        answer.response.headers.add(name, value);
    return answer;
  }
  return {std::move(response), nullptr};
}

std::shared_ptr<const StaticFiles::File> StaticFiles::find(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
  const std::int64_t modified_ns = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
  {
    const std::lock_guard lock(mutex_);
    if (const auto entry = by_path_.find(path); entry != by_path_.end()) {
      const auto& file = entry->second->file;
      if (file->modified_ns == modified_ns && file->size == static_cast<std::size_t>(status.st_size)) {
        recent_.splice(recent_.begin(), recent_, entry->second);
        return file;
      }
    }
  }
  auto file = load(path, status);
  if (file) keep(path, file);
  return file;
}

std::shared_ptr<const StaticFiles::File> StaticFiles::load(const std::string& path,
                                                           const struct stat& status) const {
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > options_.max_file_bytes) return nullptr;
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.get() < 0) return nullptr;
  auto plain = std::make_shared<std::string>(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(fd.get(), plain->data() + filled, size - filled);
    if (got <= 0) return nullptr; // became shorter while we read
    filled += static_cast<std::size_t>(got);
  }
  auto file = std::make_shared<File>();
  const Type type = type_of(path);
  file->content_type = type.content_type;
  file->size = size;
  file->modified_s = status.st_mtim.tv_sec;
  file->modified_ns = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
  file->last_modified = http_date(file->modified_s);
  file->etag = entity_tag(*plain);
  if (type.compress && size >= min_compressed_source && size <= max_compressed_source) {
    auto gzipped = std::make_shared<std::string>(gzip(*plain));
    if (!gzipped->empty() && gzipped->size() < size * 9 / 10) {
      gzipped->shrink_to_fit();
      file->gzipped = std::move(gzipped);
    }
  }
  file->plain = std::move(plain);
  return file;
}

void StaticFiles::keep(const std::string& path, std::shared_ptr<const File> file) {
  const std::lock_guard lock(mutex_);
  if (const auto old = by_path_.find(path); old != by_path_.end()) {
    cached_bytes_ -= old->second->file->bytes();
    recent_.erase(old->second);
    by_path_.erase(old);
  }
  if (file->bytes() > options_.cache_bytes / 4) return; // one large file must not push out all small ones
  cached_bytes_ += file->bytes();
  recent_.push_front({path, std::move(file)});
  by_path_[path] = recent_.begin();
  while (cached_bytes_ > options_.cache_bytes) {
    cached_bytes_ -= recent_.back().file->bytes();
    by_path_.erase(recent_.back().path);
    recent_.pop_back();
  }
}

std::size_t StaticFiles::cached_bytes() const {
  const std::lock_guard lock(mutex_);
  return cached_bytes_;
}

StaticFiles::Answer StaticFiles::found(const File& file, const HttpRequest& request) const {
  const bool use_gzip = file.gzipped && accepts_gzip(request.headers.joined("Accept-Encoding"));
  std::string etag = file.etag;
  if (use_gzip) etag.insert(etag.size() - 1, "-gz"); // another representation, another strong tag
  Answer answer;
  HttpHeaders& headers = answer.response.headers;
  for (const auto& [name, value] : options_.headers)
    headers.set(name, value);
  headers.set("Cache-Control", options_.cache_control);
  headers.set("ETag", etag);
  headers.set("Last-Modified", file.last_modified);
  if (file.gzipped) headers.set("Vary", "Accept-Encoding");
  // If-None-Match goes before If-Modified-Since (RFC 9110, 13.2.2).
  bool is_unchanged = false;
  if (const std::string tags = request.headers.joined("If-None-Match"); !tags.empty()) {
    is_unchanged = if_none_match(tags, etag);
  } else if (const auto since = parse_http_date(request.headers.get("If-Modified-Since"))) {
    is_unchanged = file.modified_s <= *since;
  }
  if (is_unchanged) {
    answer.response.status = 304;
    return answer;
  }
  headers.set("Content-Type", file.content_type);
  if (use_gzip) headers.set("Content-Encoding", "gzip");
  answer.body = use_gzip ? file.gzipped : file.plain;
  return answer;
}

} // namespace viadux
