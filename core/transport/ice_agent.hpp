// An ICE-lite agent (RFC 8445 2.5): answers the peer's checks and knows which pair it chose. No sockets, no
// timers: it is told the time and writes answers into a buffer. [worker]
#pragma once

#include "core/net/endpoint.hpp"
#include "core/transport/ice_directory.hpp"
#include "core/transport/stun_message.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace viadux {

// What came of one message from the network.
struct IceCheck {
  bool valid = false;            // a check with the right password: the path may carry data now
  bool selected_changed = false; // media goes elsewhere from now on
  bool restarted = false;        // the new credentials were nominated; `retired_ufrag` is void
  std::string retired_ufrag;
  std::vector<Path> dropped;            // paths that are no longer valid; usually none
  std::span<const std::uint8_t> answer; // to be sent where the message came from; may be empty
};

class IceAgent {
 public:
  IceAgent(IceCredentials local, IceCredentials remote, std::size_t max_paths, std::int64_t now_us);

  // `message` came by `path`. `room` is for the answer; the result refers to it.
  IceCheck handle(const StunMessage& message, const Path& path, std::int64_t now_us,
                  std::span<std::uint8_t> room);
  // Until a check with the new credentials nominates, the old ones are answered too and the old pair stays.
  void restart(IceCredentials local, IceCredentials remote);
  // The path is gone (a TCP connection ended). True where the selected pair changed.
  bool forget(const Path& path);

  const Path* selected() const { return selected_ < paths_.size() ? &paths_[selected_].path : nullptr; }
  bool knows(const Path& path) const;
  std::int64_t last_valid_us() const { return last_valid_us_; }
  std::vector<Path> paths() const;
  // The ufrags that checks may name: the current one and, during a restart, the one before.
  std::vector<std::string> ufrags() const;

 private:
  struct Credentials {
    IceCredentials local;
    IceCredentials remote;
  };
  struct ValidPath {
    Path path;
    std::int64_t checked_us = 0;
    unsigned generation = 0; // of the credentials that its last check used
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  const Credentials* credentials_of(std::string_view username, unsigned& generation) const;
  std::span<const std::uint8_t> refuse(const StunMessage& message, std::uint16_t code,
                                       std::string_view reason, std::string_view password,
                                       std::int64_t now_us, std::span<std::uint8_t> room);
  void accept(const StunMessage& message, const Path& path, unsigned generation, std::int64_t now_us,
              IceCheck& check);
  void finish_restart(IceCheck& check);
  std::size_t find(const Path& path) const;

  Credentials current_;
  std::optional<Credentials> previous_; // during a restart
  unsigned generation_ = 0;
  std::size_t max_paths_;
  std::vector<ValidPath> paths_;
  std::size_t selected_ = none; // what was nominated last; before that the first that was valid
  std::int64_t last_valid_us_;
  std::int64_t refusals_since_us_ = 0;
  int refusals_ = 0;
};

} // namespace viadux
