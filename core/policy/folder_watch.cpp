#include "core/policy/folder_watch.hpp"

#include <array>
#include <cstring>
#include <poll.h>
#include <pthread.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace viadux {
namespace {

constexpr int quiet_ms = 150;
constexpr std::uint32_t what = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE;

} // namespace

FolderWatch::FolderWatch(const std::vector<std::string>& folders, std::string ending,
                         std::function<void()> changed)
    : ending_(std::move(ending)), changed_(std::move(changed)) {
  inotify_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  stop_ = eventfd(0, EFD_CLOEXEC);
  if (inotify_ < 0 || stop_ < 0) return;
  for (const std::string& folder : folders)
    (void)inotify_add_watch(inotify_, folder.c_str(), what);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "policy-watch");
    run();
  });
}

FolderWatch::~FolderWatch() {
  const std::uint64_t one = 1;
  if (stop_ >= 0) (void)!write(stop_, &one, sizeof one);
  if (thread_.joinable()) thread_.join();
  if (inotify_ >= 0) close(inotify_);
  if (stop_ >= 0) close(stop_);
}

bool FolderWatch::read_changes() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool ours = false;
  for (;;) {
    const ssize_t size = read(inotify_, buffer.data(), buffer.size());
    if (size <= 0) return ours;
    for (const char* at = buffer.data(); at < buffer.data() + size;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      if (event.len > 0 && std::string_view(at + sizeof event).ends_with(ending_)) ours = true;
      at += sizeof event + event.len;
    }
  }
}

void FolderWatch::run() {
  std::array<pollfd, 2> waits{pollfd{inotify_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
  bool changed = false;
  for (;;) {
    const int ready = poll(waits.data(), waits.size(), changed ? quiet_ms : -1);
    if (waits[1].revents != 0) return;
    if (ready > 0) {
      changed = read_changes() || changed;
    } else if (ready == 0 && changed) {
      changed = false;
      changed_();
    }
  }
}

} // namespace viadux
