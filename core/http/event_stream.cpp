#include "core/http/event_stream.hpp"

namespace viadux {

std::string last_event_id(const HttpRequest& request) {
  if (request.headers.has("Last-Event-ID")) return std::string(request.headers.get("Last-Event-ID"));
  return std::string(request.query_param("last_event_id").value_or(""));
}

struct EventStream::State : std::enable_shared_from_this<State> {
  State(ControlLoop& loop_in, HttpResponder responder_in, std::int64_t heartbeat_us_in)
      : loop(loop_in), responder(std::move(responder_in)), heartbeat_us(heartbeat_us_in) {}
  ~State() { end(); }

  void schedule() {
    timer = loop.after(heartbeat_us, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->timer = 0;
      // A full buffer needs no heartbeat; only one who left gets no more.
      if (self->responder.write(std::string(event_stream_comment)) != WriteResult::gone) self->schedule();
    });
  }
  void end() {
    if (timer != 0) loop.cancel(std::exchange(timer, 0));
    responder.end();
  }

  ControlLoop& loop;
  HttpResponder responder;
  const std::int64_t heartbeat_us;
  TimerId timer = 0;
};

EventStream::EventStream(ControlLoop& loop, HttpResponder responder, const HttpHeaders& headers,
                         std::int64_t heartbeat_us)
    : state_(std::make_shared<State>(loop, std::move(responder), heartbeat_us)) {
  HttpHeaders all = headers;
  all.set("Content-Type", "text/event-stream");
  all.set("Cache-Control", "no-store");
  all.set("X-Accel-Buffering", "no"); // NGINX must not hold events back
  if (!state_->responder.begin(200, std::move(all))) return;
  // Some clients and proxies wait for the first body byte before they call the stream open.
  (void)state_->responder.write(std::string(event_stream_comment));
  state_->schedule();
}

WriteResult EventStream::send(const ServerEvent& event) {
  return state_ ? state_->responder.write(format_event(event)) : WriteResult::gone;
}

void EventStream::end() {
  if (state_) state_->end();
}

bool EventStream::alive() const {
  return state_ && state_->responder.alive();
}

void EventStream::on_gone(std::function<void()> callback) {
  if (state_) state_->responder.on_gone(std::move(callback));
}

void EventStream::on_drained(std::function<void()> callback) {
  if (state_) state_->responder.on_drained(std::move(callback));
}

} // namespace viadux
