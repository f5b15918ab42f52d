// Routes that do what routes do, and what they must not: the tests of "viadux.http" drive it over sockets.
#include <chrono>
#include <thread>
#include <viadux/http.hpp>
#include <viadux/plugin.hpp>

class Web final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{
      .id = "web", .version = "1.0.0", .licence = "Apache-2.0", .help = "Routes for tests."};
  static constexpr std::array<std::string_view, 1> required{"viadux.http"};

  explicit Web(viadux::Host host) : Plugin(host), http_(host) {}

  viadux::Task<viadux::Result<void>> start() override {
    using viadux::Result;
    const auto routes = {http_.route("POST", "/web/echo/{name}", *this, &Web::echo),
                         http_.route("GET", "/web/throws", *this, &Web::throws),
                         http_.route("GET", "/web/slow", *this, &Web::slow),
                         http_.route("GET", "/web/blocks", *this, &Web::blocks),
                         http_.route("GET", "/web/never", *this, &Web::never),
                         http_.route("GET", "/web/twice", *this, &Web::twice),
                         http_.route("GET", "/web/splits", *this, &Web::splits),
                         http_.route("GET", "/web/stream", *this, &Web::stream)};
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

  viadux::Http http_;
};

VIADUX_PLUGIN(Web)
