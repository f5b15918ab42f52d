// TURN servers for clients: credentials that end by themselves, and which servers are alive.
#pragma once

#include "core/config/organisations.hpp"

#include <functional>
#include <memory>
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

// What an address of a TURN server said to an allocation with the credentials that clients get.
enum class TurnState : std::uint8_t {
  works,   // it relays; the allocation is given back
  silent,  // no answer, or no such name
  refuses, // it answers, but not to our secret
  full,    // it knows us, and has no room just now
};

// One question (turn_question.hpp), blocking for some seconds at most, but for the system's DNS. [any]
TurnState ask_turn(const std::string& url, const TurnAccess& access);

// Asks each address every few seconds and knows which ones clients cannot use. Before the first answer all
// count as alive.
class TurnProbe {
 public:
  using Ask = std::function<TurnState(const std::string& url, const TurnAccess& access)>;
  explicit TurnProbe(std::int64_t every_ms = 5000, Ask ask = ask_turn);
  // Waits for its thread for half a second; where that hangs in a question (DNS has no limit of ours), the
  // thread ends by itself once it has the answer.
  ~TurnProbe();
  TurnProbe(const TurnProbe&) = delete;
  TurnProbe& operator=(const TurnProbe&) = delete;

  // [any] Whom to ask from now on.
  void watch(const Organisations& organisations);
  // [any]
  bool alive(const TurnServer& server, const std::string& url) const;
  std::size_t dead() const;
  std::size_t watched() const;

 private:
  struct Shared; // with the thread
  static void run(const std::shared_ptr<Shared>& shared);

  const std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

} // namespace viadux
