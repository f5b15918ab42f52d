// Sofia-SIP behind one door. It lives on a thread of its own, and its handles are touched there alone: what
// is asked for here goes in by a message, what happens comes out by `post` with every text copied.
#pragma once

#include "refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sip {

using CallId = std::uint64_t; // a dialog; never used twice

struct Invitation {
  CallId call = 0;
  std::string user, host;    // of the request's URI
  std::string display, from; // of the From header
  std::string source;        // IP address it came from
  std::string offer;         // SDP; empty: the offer is to be ours
};

class StackEvents {
 public:
  virtual ~StackEvents() = default;
  // [control] To be answered, or refused.
  virtual void on_invite(Invitation invitation) = 0;
  // [control] Of a call that runs; likewise, and a refusal leaves it as it was. Empty: the offer is to be
  // ours.
  virtual void on_reinvite(CallId call, std::string offer) = 0;
  // [control] The answer to an offer of ours; empty: there was none.
  virtual void on_answer(CallId call, std::string answer) = 0;
  // [control] Once for each invitation that was not refused: BYE, CANCEL, our BYE, or nothing came any more.
  virtual void on_ended(CallId call) = 0;
  // [sip thread] A request was turned away before anybody looked at it: "rate", "calls" or "queue".
  virtual void on_turned_away(std::string_view why) = 0;
};

struct StackOptions {
  std::string address; // IP address; empty is all
  std::uint16_t port = 5060;
  std::size_t most_calls = 1000;
  double requests_per_second = 50;
};

class Stack {
 public:
  // [any] Runs its argument on the control thread later; false where it cannot.
  using Post = std::function<bool(std::function<void()>)>;

  Stack(Post post, StackEvents& events);
  ~Stack(); // waits for the thread

  // [control] UDP and TCP. `listening` comes by post: false where the port is not to be had.
  void start(StackOptions options, std::function<void(bool ok)> listening);
  // [control] Says BYE where a call is left, and ends the thread within a second; ended() tells.
  void stop();
  bool ended() const;

  // [control] A call that has ended meanwhile is no error.
  void ring(CallId call);
  void answer(CallId call, std::string sdp);
  void refuse(CallId call, Refusal refusal);
  void bye(CallId call, std::string reason); // the value of the header Reason

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

} // namespace sip
