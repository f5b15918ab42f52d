// viadux/http_events.hpp - a response of server-sent events, for plugins in C++. [control]
//
//   viadux::Task<void> Door::watch(viadux::HttpExchange exchange) {          a GET route
//     auto events = viadux::HttpEvents::open(host(), exchange);
//     if (!events) co_return;                                               the client has left
//     events->on_change([this](bool open) { if (!open) forget(); });
//     keep(std::move(events));
//   }
//   if (!events->send({"42", "opened", json})) ...                           busy: it reads too slowly
//
// Head and a first comment go out at once, then a comment as a block of its own in every `heartbeat_us`, so
// that proxies keep the stream. What the client has not read is bounded: send() says `busy` and takes
// nothing; drop that client, or send it one whole state when on_change(true) says that there is room again.
#pragma once

#include <viadux/http.hpp>
#include <viadux/server_event.hpp>

namespace viadux {

class HttpEvents {
 public:
  static constexpr std::int64_t default_heartbeat_us = 15'000'000;

  // Null: gone, the client has left or was answered. `headers` are added to ours.
  static std::unique_ptr<HttpEvents> open(Host host, const HttpExchange& exchange,
                                          const HttpRequest::Pairs& headers = {},
                                          std::int64_t heartbeat_us = default_heartbeat_us) {
    auto head = HttpResponse::of(200, "text/event-stream", {});
    head.header("cache-control", "no-store");
    head.header("x-accel-buffering", "no"); // NGINX must not hold events back
    head.headers.insert(head.headers.end(), headers.begin(), headers.end());
    auto stream = exchange.stream(head);
    if (!stream) return nullptr;
    return std::unique_ptr<HttpEvents>(new HttpEvents(host, std::move(stream), heartbeat_us));
  }
  // Where a client that comes back wants to go on: Last-Event-ID, or the parameter last_event_id of those
  // that cannot set a header on their first request.
  static std::string last_event_id(const HttpRequest& request) {
    const auto header = request.header("last-event-id");
    return header.empty() ? request.parameter("last_event_id").value_or("") : std::string(header);
  }

  HttpEvents(const HttpEvents&) = delete;
  HttpEvents& operator=(const HttpEvents&) = delete;
  ~HttpEvents() { // ends the stream
    if (timer_ != 0) host_.table()->close(host_.table()->context, timer_);
  }

  // busy: too much is unsent, nothing was taken; gone: closed.
  Result<void> send(const ServerEvent& event) { return stream_->write(format_event(event)); }
  bool closed() const { return stream_->closed(); }
  std::uint64_t credit() const { return stream_->credit(); }
  // true: there is room again; false: the client has left, or the server stops. The callback may destroy us.
  void on_change(std::function<void(bool)> callback) { stream_->on_change(std::move(callback)); }

 private:
  HttpEvents(Host host, std::unique_ptr<HttpStream> stream, std::int64_t heartbeat_us)
      : host_(host), stream_(std::move(stream)), heartbeat_us_(heartbeat_us) {
    beat();
  }
  void beat() {
    (void)stream_->write(event_stream_comment); // busy: a client with unread bytes needs none
    timer_ = host_.table()->timer(host_.table()->context, heartbeat_us_, &HttpEvents::on_timer, this);
  }
  static void on_timer(void* arg, viadux_status status) noexcept {
    auto* self = static_cast<HttpEvents*>(arg);
    self->timer_ = 0;
    if (status == VIADUX_OK && !self->closed()) self->beat();
  }

  Host host_;
  std::unique_ptr<HttpStream> stream_;
  std::int64_t heartbeat_us_;
  viadux_handle timer_ = 0;
};

} // namespace viadux
