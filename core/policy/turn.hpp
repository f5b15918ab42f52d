// TURN servers for clients: credentials that end by themselves, and which servers are alive.
#pragma once

#include "core/config/organisations.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace viadux {

struct TurnAccess {
  std::vector<std::string> urls;
  std::string username; // "1764229000:viadux"; holds nothing of a person
  std::string credential;
};

// As coturn's use-auth-secret wants it: the name begins with the second at which it ends, the password is the
// base64 of HMAC-SHA1(secret, name). [any]
TurnAccess turn_access(const TurnServer& server, std::int64_t now_s);

// Asks each address every few seconds (a STUN binding over UDP, a connection over TCP) and knows which have
// fallen silent. Before the first answer all count as alive.
class TurnProbe {
 public:
  explicit TurnProbe(std::int64_t every_ms = 5000);
  ~TurnProbe();
  TurnProbe(const TurnProbe&) = delete;
  TurnProbe& operator=(const TurnProbe&) = delete;

  // [any] Whom to ask from now on.
  void watch(const Organisations& organisations);
  // [any]
  bool alive(const std::string& url) const;
  std::size_t dead() const;
  std::size_t watched() const;

 private:
  void run();

  const std::int64_t every_ms_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::set<std::string> urls_;
  std::map<std::string, int> misses_; // in a row
  bool asked_ = false;                // anew, at once
  bool stopping_ = false;
  std::thread thread_;
};

// One question, blocking for at most a second or so. [any]
bool turn_answers(const std::string& url);

} // namespace viadux
