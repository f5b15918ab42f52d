// Plays prompts into rooms, in the rhythm of sound, on a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#include <viadux/media.hpp>

namespace prompts {

using Packets = std::shared_ptr<const std::vector<std::string>>;

struct Prompt {
  std::string path; // an organisation's own recording; empty or not there: the shipped one
  Packets shipped;
  viadux::Handle track;
  std::function<void(bool own)> done; // [player] it has been said; `own`: by the organisation's recording
};

class Player {
 public:
  explicit Player(viadux::Host host) : host_(host), port_(host) {}
  ~Player() { stop(); }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  viadux::Result<void> start();               // [control]
  void stop();                                // [control] what is being said ends
  viadux::MediaPort& port() { return port_; } // [control] its calls marked so
  void play(Prompt prompt);                   // [control]

 private:
  struct Playing {
    Prompt prompt;
    Packets packets;
    bool own = false;
    std::size_t next = 0;
    std::int64_t due_us = 0;
  };
  void run();
  // Its own recording, from the disk, if there is one that can be used.
  Playing begin(Prompt prompt) const;
  // False: it has been said.
  bool send_due(Playing& playing);

  viadux::Host host_;
  viadux::MediaPort port_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Prompt> asked_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace prompts
