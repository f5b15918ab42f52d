// Routes that do what routes do, and what they must not: the tests of "viadux.http" drive it over sockets.
#include <chrono>
#include <thread>
#include <viadux/http_events.hpp>
#include <viadux/http_socket.hpp>
#include <viadux/plugin.hpp>

class Web final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{
      .id = "web", .version = "1.0.0", .licence = "Apache-2.0", .help = "Routes for tests."};
  static constexpr std::array<std::string_view, 1> required{"viadux.http"};

  explicit Web(viadux::Host host) : Plugin(host), http_(host) {}

  viadux::Task<viadux::Result<void>> start() override {
    using viadux::Result;
    const auto routes = {
        http_.route("POST", "/web/echo/{name}", *this, &Web::echo),
        http_.route_body("PUT", "/web/clips", 4'000'000,
                         [this](viadux::HttpExchange exchange) { return clip(std::move(exchange)); }),
        http_.route("GET", "/web/throws", *this, &Web::throws),
        http_.route("GET", "/web/slow", *this, &Web::slow),
        http_.route("GET", "/web/blocks", *this, &Web::blocks),
        http_.route("GET", "/web/never", *this, &Web::never),
        http_.route("GET", "/web/twice", *this, &Web::twice),
        http_.route("GET", "/web/splits", *this, &Web::splits),
        http_.route("GET", "/web/stream", *this, &Web::stream),
        http_.route("GET", "/web/events", *this, &Web::events),
        http_.route("GET", "/web/flood", *this, &Web::flood),
        http_.route("GET", "/web/told", *this, &Web::told),
        http_.route("GET", "/web/socket", *this, &Web::socket),
        http_.route("GET", "/web/socket/told", *this, &Web::socket_told),
        http_.route("GET", "/web/socket/resume", *this, &Web::socket_resume)};
    for (const auto& route : routes) {
      if (!route) co_return route.error();
    }
    const auto again = http_.route("GET", "/web/slow", *this, &Web::slow);
    if (again) co_return viadux::make_error(viadux::ErrorCode::internal, "", "one route was given twice");
    co_return Result<void>();
  }

 private:
  using Request = viadux::HttpRequest;
  using Response = viadux::HttpResponse;

  viadux::Task<Response> echo(Request request) {
    auto response = Response::text(
        201, std::string(request.capture("name")) + "|" + request.parameter("q").value_or("none") + "|" +
                 std::string(request.bearer()) + "|" + request.host + "|" + request.body);
    response.header("Location", "/web/" + std::string(request.capture("name")));
    co_return response;
  }
  // Takes 32 KiB at a time and says how much there was, and whether it was all of it.
  viadux::Task<void> clip(viadux::HttpExchange exchange) {
    body_ = exchange.body();
    if (!body_) co_return (void) exchange.respond(Response::text(500, "no body"));
    clip_size_ = 0;
    body_->on_bytes([this, exchange](std::string_view bytes, viadux::HttpBody::End end) {
      clip_size_ += bytes.size();
      if (end == viadux::HttpBody::End::more) return body_->accept(bytes.size());
      const bool whole = end == viadux::HttpBody::End::whole;
      clip_told_ = std::to_string(clip_size_) + (whole ? " whole" : " cut");
      body_.reset(); // from inside its own callback
      (void)exchange.respond(Response::text(200, clip_told_));
    });
    body_->accept(32'768);
  }
  viadux::Task<Response> throws(Request request) {
    if (!request.path.empty()) throw std::runtime_error("thrown in a handler");
    co_return Response::empty(204);
  }
  viadux::Task<Response> slow(Request /*request*/) {
    co_await host().sleep(20'000);
    co_return Response::text(200, "slept");
  }
  viadux::Task<Response> blocks(Request /*request*/) { // what no plugin may do
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    co_return Response::text(200, "blocked");
  }
  viadux::Task<Response> never(Request /*request*/) {
    while (co_await host().sleep(3'600'000'000)) {
    }
    co_return Response::empty(204);
  }
  viadux::Task<void> twice(viadux::HttpExchange exchange) {
    const auto first = exchange.respond(Response::text(200, "first"));
    const auto second = exchange.respond(Response::text(200, "second"));
    if (!first || second || second.error().code != viadux::ErrorCode::gone) {
      host().log(viadux::LogLevel::error, "the_second_was_taken");
    }
    co_return;
  }
  // A header that carries a line break is refused as a whole, so that a client cannot write headers through
  // us.
  viadux::Task<void> splits(viadux::HttpExchange exchange) {
    const auto sent = exchange.respond(Response::text(200, "x").header("X-Split", "a\r\nSet-Cookie: b"));
    if (!sent) (void)exchange.respond(Response::text(200, "refused"));
    co_return;
  }
  // Two megabytes, as fast as the client takes them.
  viadux::Task<void> stream(viadux::HttpExchange exchange) {
    const auto stream = exchange.stream(Response::of(200, "text/plain", ""));
    const std::string chunk(16'384, 'x');
    std::size_t left = 128;
    while (stream && left > 0 && !stream->closed()) {
      if (stream->write(chunk)) {
        --left;
      } else {
        co_await host().sleep(1000);
      }
    }
  }

  // One event, then nothing but the heartbeat, until the client leaves.
  viadux::Task<void> events(viadux::HttpExchange exchange) {
    constexpr std::int64_t heartbeat_us = 30'000;
    events_ = viadux::HttpEvents::open(host(), exchange, {{"X-Door", "front"}}, heartbeat_us);
    if (!events_) co_return;
    events_->on_change([this](bool open) {
      if (open) return;
      ++left_;
      events_.reset(); // from inside its own callback
    });
    (void)events_->send({"42", "rung", "from " + viadux::HttpEvents::last_event_id(exchange.request), 0});
  }
  // Events until one is refused; when there is room again, one that says how many there were, and the end.
  viadux::Task<void> flood(viadux::HttpExchange exchange) {
    events_ = viadux::HttpEvents::open(host(), exchange);
    if (!events_) co_return;
    sent_ = 0;
    const std::string data(1000, 'e');
    while (events_->send({"", "", data, 0}))
      ++sent_;
    refused_credit_ = events_->credit();
    events_->on_change([this](bool open) {
      if (open && !events_->send({"", "resync", std::to_string(sent_), 0})) return; // still full
      events_.reset();
    });
  }
  viadux::Task<Response> told(Request /*request*/) {
    if (!clip_told_.empty()) co_return Response::text(200, clip_told_);
    co_return Response::text(200, std::to_string(left_) + " left, credit " + std::to_string(refused_credit_));
  }

  // Says back what it is told, but for a few words that it does.
  viadux::Task<void> socket(viadux::HttpExchange exchange) {
    viadux::HttpSocketOptions options;
    options.message_limit = 1000;
    options.window = 2;
    options.subprotocol = "door.v1";
    auto accepted = viadux::HttpSocket::accept(exchange, options);
    if (!accepted) {
      const unsigned status = accepted.error().reason == "no_websocket" ? 426 : 403;
      (void)exchange.respond(Response::problem(status, accepted.error()));
      co_return;
    }
    socket_ = std::move(accepted).value();
    socket_->on_message([this](std::string_view bytes, bool is_text) { hear(bytes, is_text); });
    socket_->on_change([this](bool open) {
      if (!open) {
        closed_ = std::to_string(socket_->close_code()) + " " + socket_->close_reason();
        socket_.reset();
      } else if (sent_ > 0 && socket_->send_text(std::to_string(sent_))) {
        sent_ = 0; // the flood is over: there was room again
      }
    });
  }
  void hear(std::string_view bytes, bool is_text) {
    ++heard_;
    if (bytes == "hold") return socket_->hold();
    if (bytes == "leave") return socket_->close(4001, "enough");
    if (bytes == "throw") throw std::runtime_error("thrown in a socket's callback");
    if (bytes == "flood") {
      const std::string message(1000, 'm');
      while (socket_->send_binary(message))
        ++sent_;
      return;
    }
    (void)(is_text ? socket_->send_text(bytes) : socket_->send_binary(bytes));
  }
  viadux::Task<Response> socket_told(Request /*request*/) {
    co_return Response::text(200, std::to_string(heard_) + " heard, closed " + closed_);
  }
  viadux::Task<Response> socket_resume(Request /*request*/) {
    socket_->receive(2);
    co_return Response::empty(204);
  }

  viadux::Http http_;
  std::unique_ptr<viadux::HttpSocket> socket_;
  std::unique_ptr<viadux::HttpBody> body_;
  std::size_t clip_size_ = 0;
  std::string clip_told_;
  std::size_t heard_ = 0;
  std::string closed_ = "not yet";
  std::unique_ptr<viadux::HttpEvents> events_;
  std::size_t sent_ = 0, left_ = 0;
  std::uint64_t refused_credit_ = 0;
};

VIADUX_PLUGIN(Web)
