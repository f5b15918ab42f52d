// Whose check is this? A worker's table of local username fragments, asked for packets of unknown senders.
// [worker]
#pragma once

#include "core/net/counters.hpp"
#include "core/net/worker.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace viadux {

// RFC 8445 5.3, RFC 8839 5.4.
struct IceCredentials {
  std::string ufrag; // 4 to 256 characters of [A-Za-z0-9+/]
  std::string pwd;   // 22 to 256
};
// [any thread] Random: 48 bits of ufrag, 144 of pwd.
IceCredentials make_ice_credentials();

struct IceDirectoryCounters {
  Counter not_stun;      // in: neither bound nor STUN
  Counter malformed;     // in: looked like STUN
  Counter unknown_ufrag; // never answered: an answer would tell a scanner something
};

// Takes what the worker has no route for. The transport that owns the ufrag checks the password, answers, and
// binds the path to itself. Nothing is ever answered here.
class IceDirectory final : public DatagramSink {
 public:
  explicit IceDirectory(Worker& worker); // becomes the worker's unknown sink
  ~IceDirectory() override;
  IceDirectory(const IceDirectory&) = delete;
  IceDirectory& operator=(const IceDirectory&) = delete;

  // False where the ufrag is taken.
  bool add(const std::string& ufrag, DatagramSink& owner);
  void remove(const std::string& ufrag);
  const IceDirectoryCounters& counters() const { return counters_; } // [any thread]

  void on_datagrams(std::span<Datagram> batch) override;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  Worker& worker_;
  std::unordered_map<std::string, DatagramSink*, Hash, std::equal_to<>> owners_;
  IceDirectoryCounters counters_;
};

} // namespace viadux
