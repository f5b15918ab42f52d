// How the command line talks to the running server: lines of JSON over a Unix socket of mode 0600.
//
//   {"command": "token.list", "arguments": {"organisation": "demo"}}
//   {"result": [...]}   or   {"error": {"code": 2, "reason": "...", "message": "...", "field": "...", "hint":
//   "..."}}
//
// One question after the other on a connection, each line at most 256 KiB, at most 16 connections, each
// closed after 60 s without a question. Only the server's own user and root are answered.
#pragma once

#include "core/control/asio_loop.hpp"

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>
#include <viadux/result.hpp>

namespace viadux {

class ControlSocket {
 public:
  using Answer = std::function<void(Result<boost::json::value>)>;
  // [control] `answer` is to be called once, then or later.
  using Handler = std::function<void(const boost::json::object& arguments, Answer answer)>;

  // [control] Takes the place of a socket that a dead server left behind. Errors: bad_argument (the path is
  // too long), busy (a running server has it), internal (the system says no; the message says why).
  static Result<std::unique_ptr<ControlSocket>> open(AsioLoop& loop, const std::string& path);
  // Closes all connections and removes the socket.
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // Names are "noun.verb"; a second one of a name replaces the first.
  void register_command(std::string name, Handler handler);
  // For what can be answered at once.
  void register_command(std::string name,
                        std::function<Result<boost::json::value>(const boost::json::object&)> handler);

 private:
  struct State;
  explicit ControlSocket(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// The other end, blocking, for at most `timeout_ms`. Errors: busy with reason server_away (nobody listens
// there), timeout, else what the server answered.
Result<boost::json::value> call_control_socket(const std::string& path, std::string_view command,
                                               const boost::json::object& arguments, int timeout_ms = 30'000);

} // namespace viadux
