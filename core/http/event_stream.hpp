// Server-sent events (HTML standard, 9.2) on top of a response stream. [control]
//
//   EventStream events(loop, responder);          // answers 200 text/event-stream, X-Accel-Buffering: no
//   std::string from = last_event_id(request);    // where a reconnecting client wants to go on
//   if (events.send({"42", "participant_joined", json}) == WriteResult::full) … // too slow: resync it
#pragma once

#include "core/control/loop.hpp"
#include "core/http/responder.hpp"

#include <viadux/server_event.hpp>

namespace viadux {

// Last-Event-ID, or the query parameter `last_event_id` for clients that cannot set it on their first
// request.
std::string last_event_id(const HttpRequest& request);

// Copyable handle; the stream ends when end() is called, when the client leaves, or when the last copy goes.
class EventStream {
 public:
  EventStream() = default;
  // Sends the header with `headers` added, and a comment every `heartbeat_us` so that proxies keep it open.
  EventStream(ControlLoop& loop, HttpResponder responder, const HttpHeaders& headers = {},
              std::int64_t heartbeat_us = 15'000'000);
  WriteResult send(const ServerEvent& event);
  void end();
  bool alive() const;
  void on_gone(std::function<void()> callback);
  void on_drained(std::function<void()> callback);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace viadux
