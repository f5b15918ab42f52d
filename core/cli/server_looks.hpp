// How the organisations' pictures look: read on a thread of its own, at start and at each reload. [control]
#pragma once

#include "core/control/loop.hpp"
#include "core/mixer/look_reader.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

namespace viadux {

class ServerLooks {
 public:
  // `take` gets what was read. `loop` outlives it.
  ServerLooks(ControlLoop& loop, std::function<void(mixer::Looks)> take);
  ~ServerLooks();
  ServerLooks(const ServerLooks&) = delete;
  ServerLooks& operator=(const ServerLooks&) = delete;

  // What is asked for while another one is read comes right after it.
  void read(std::shared_ptr<const Organisations> organisations);

 private:
  ControlLoop& loop_;
  const std::function<void(mixer::Looks)> take_;
  mixer::LookReader reader_; // of the thread while it runs
  bool reading_ = false;
  std::shared_ptr<const Organisations> next_;
  std::shared_ptr<std::atomic<bool>> alive_ = std::make_shared<std::atomic<bool>>(true);
  std::thread thread_; // last
};

} // namespace viadux
