#include "core/cli/server_looks.hpp"

#include "core/log/log.hpp"

#include <chrono>
#include <utility>

namespace viadux {

ServerLooks::ServerLooks(ControlLoop& loop, std::function<void(mixer::Looks)> take)
    : loop_(loop), take_(std::move(take)), reader_([](const std::string& path, const std::string& fault) {
        log_warning("mixer", "theme_fault",
                    {{"file", path},
                     {"fault", fault},
                     {"what_to_do", "mend the file and reload the server (docs/page.md)"}});
      }) {}

ServerLooks::~ServerLooks() {
  *alive_ = false;
  if (thread_.joinable()) thread_.join();
}

void ServerLooks::read(std::shared_ptr<const Organisations> organisations) {
  if (reading_) {
    next_ = std::move(organisations);
    return;
  }
  reading_ = true;
  if (thread_.joinable()) thread_.join(); // it has ended: it only had to return
  thread_ = std::thread([this, alive = alive_, organisations = std::move(organisations)] {
    const auto looks = std::make_shared<mixer::Looks>(reader_.read(*organisations));
    const auto finish = [this, alive, looks] {
      if (!*alive) return;
      reading_ = false;
      take_(std::move(*looks));
      if (next_) read(std::exchange(next_, nullptr));
    };
    while (!loop_.post(finish) && *alive) // a full queue passes; a loop that has ended takes nothing more
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
}

} // namespace viadux
