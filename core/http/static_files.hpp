// Files below one folder, from http threads: cached, compressed once, with conditions. Never lists a folder,
// never leaves it.
#pragma once

#include "core/http/server.hpp"

#include <list>
#include <mutex>
#include <sys/stat.h>
#include <unordered_map>

namespace viadux {

class StaticFiles {
 public:
  // `root` is canonical; "" is for files named by responses alone.
  StaticFiles(std::string root, StaticFileOptions options)
      : root_(std::move(root)), options_(std::move(options)) {}

  struct Answer {
    HttpResponse response;                   // body empty when `body` is set
    std::shared_ptr<const std::string> body; // shared with the cache
  };
  // [any thread] `segments` are the path's below the prefix, decoded once.
  Answer get(const std::vector<std::string>& segments, const HttpRequest& request);

  // [any thread] `response.file` in its folders, wherever they lie; the response itself where there is none.
  Answer get(HttpResponse response, const HttpRequest& request);

  std::size_t cached_bytes() const;

 private:
  struct File {
    std::string content_type;
    std::string etag;
    std::string last_modified;
    std::int64_t modified_ns = 0;
    std::int64_t modified_s = 0;
    std::size_t size = 0;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzipped; // none when it gains nothing
    std::size_t bytes() const { return size + (gzipped ? gzipped->size() : 0); }
  };
  struct Entry {
    std::string path;
    std::shared_ptr<const File> file;
  };
  std::shared_ptr<const File> find(const std::string& path);
  std::shared_ptr<const File> load(const std::string& path, const struct stat& status) const;
  void keep(const std::string& path, std::shared_ptr<const File> file);
  Answer found(const File& file, const HttpRequest& request) const;

  const std::string root_;
  const StaticFileOptions options_;
  mutable std::mutex mutex_;
  std::list<Entry> recent_; // most recent first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_path_;
  std::size_t cached_bytes_ = 0;
};

} // namespace viadux
