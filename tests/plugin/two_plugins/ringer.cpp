// Calls what another plugin offers: over HTTP, by events and by a WebSocket. It is sorted by name behind
// chime, and built by another compiler.
#include "chime.hpp"

#include <viadux/http_events.hpp>
#include <viadux/http_socket.hpp>
#include <viadux/plugin.hpp>

class Ringer final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{
      .id = "ringer", .version = "0.1.0", .licence = "MIT", .help = "Rings chimes over HTTP."};
  static constexpr std::array<std::string_view, 2> required{"viadux.http", "com.example.chime"};

  explicit Ringer(viadux::Host host) : Plugin(host), http_(host) {}

  viadux::Task<viadux::Result<void>> start() override {
    for (const auto& route : {http_.route("GET", "/ringer/ring/{door}", *this, &Ringer::ring),
                              http_.route("GET", "/ringer/events", *this, &Ringer::events),
                              http_.route("GET", "/ringer/socket", *this, &Ringer::socket)}) {
      if (!route) co_return route.error();
    }
    co_return viadux::Result<void>();
  }

 private:
  viadux::Task<viadux::HttpResponse> ring(viadux::HttpRequest request) {
    Ring ring;
    ring.door = request.capture("door");
    const auto rung = co_await host().call<Rung>("com.example.chime", "ring", ring);
    if (!rung) co_return viadux::HttpResponse::problem(viadux::http_status(rung.error().code), rung.error());
    co_return viadux::HttpResponse::json(200, rung.value());
  }
  viadux::Task<void> events(viadux::HttpExchange exchange) {
    events_ = viadux::HttpEvents::open(host(), exchange);
    if (events_) (void)events_->send({"1", "rung", "ding", 0});
    co_return;
  }
  viadux::Task<void> socket(viadux::HttpExchange exchange) {
    auto socket = viadux::HttpSocket::accept(exchange);
    if (!socket) {
      (void)exchange.respond(viadux::HttpResponse::problem(426, socket.error()));
      co_return;
    }
    socket_ = std::move(socket).value();
    socket_->on_message([this](std::string_view text, bool) { (void)socket_->send_text(text); });
  }

  viadux::Http http_;
  std::unique_ptr<viadux::HttpEvents> events_;
  std::unique_ptr<viadux::HttpSocket> socket_;
};

VIADUX_PLUGIN(Ringer)
