// Reading: from bytes to a handler. Answering is in connection_answer.cpp.
#include "core/http/connection.hpp"

#include "core/http/static_files.hpp"
#include "core/http/text.hpp"
#include "core/log/log.hpp"

#include <algorithm>

namespace viadux {
namespace asio = boost::asio;
using http_detail::Exchange;

namespace {

// On the control thread. A handler that throws has left its request unanswered: dropping the responder
// answers 500.
void run_handler(const Route& route, HttpRequest request, HttpResponder responder) {
  if (route.removed)
    return (void)responder.respond(problem(404, "path_unknown", "there is nothing at this path"));
  const std::string id = request.id;
  try {
    route.handler(std::move(request), std::move(responder));
  } catch (const std::exception& error) {
    log_error("http", "a handler threw an exception",
              {{"route", route.pattern}, {"error", error.what()}, {"request", id}});
  }
}

} // namespace

Connection::Connection(std::shared_ptr<ServerCore> core, std::shared_ptr<HttpTransport> transport, Peer peer)
    : core_(std::move(core)), transport_(std::move(transport)), peer_(std::move(peer)),
      deadline_(transport_->executor()), write_deadline_(transport_->executor()),
      reader_(core_->options.limits) {
  core_->metrics.connections.with({peer_.tls ? "tls" : "plain"}).add();
}

Connection::~Connection() {
  core_->metrics.connections.with({peer_.tls ? "tls" : "plain"}).add(-1);
  core_->connections.release(peer_.client);
}

void Connection::start() {
  core_->connections.add(shared_from_this());
  asio::post(transport_->executor(), [self = shared_from_this()] {
    if (self->core_->stopping) return self->close(); // came too late to be told
    self->set_deadline(self->core_->options.limits.header_timeout_ms);
    self->transport_->handshake([self](boost::system::error_code error) {
      if (self->phase_ != Phase::handshake) return;
      if (error) {
        self->core_->metrics.refused.with({"tls_handshake"}).add();
        return self->close();
      }
      self->phase_ = Phase::idle;
      self->set_deadline(self->core_->options.limits.header_timeout_ms);
      self->read();
    });
  });
}

void Connection::read() {
  if (reading_ || phase_ == Phase::closed || phase_ == Phase::websocket) return;
  reading_ = true;
  transport_->read_some(asio::buffer(chunk_), [self = shared_from_this()](auto error, std::size_t bytes) {
    self->on_read(error, bytes);
  });
}

void Connection::on_read(boost::system::error_code error, std::size_t bytes) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (error) {
    // A client may say that it sends no more and still wait for an answer that is on its way. While a handler
    // works we cannot tell that from leaving, and take it for leaving.
    keep_alive_ = false;
    return phase_ == Phase::finishing && error == asio::error::eof ? void() : close();
  }
  if (phase_ != Phase::lingering) in_.append(chunk_.data(), bytes);
  process();
}

void Connection::process() {
  const HttpLimits& limits = core_->options.limits;
  if (phase_ == Phase::handling || phase_ == Phase::streaming) {
    if (body_comes_) return pass_body();
    // Read on to notice when the client leaves; what it sends early waits, up to one head's size. A
    // WebSocket's bytes belong to whoever takes over.
    const bool may_upgrade = phase_ == Phase::handling && facts_.is_websocket;
    if (in_.size() < limits.header_bytes && !may_upgrade) read();
    return;
  }
  if (phase_ == Phase::lingering) return read();
  if (phase_ != Phase::idle && phase_ != Phase::head && phase_ != Phase::body) return;
  switch (reader_.feed(in_)) {
  case RequestReader::State::need_head:
    if (phase_ == Phase::idle && reader_.started()) {
      phase_ = Phase::head;
      set_deadline(limits.header_timeout_ms);
    }
    return read();
  case RequestReader::State::head:
    return on_head();
  case RequestReader::State::need_body:
    return read();
  case RequestReader::State::complete:
    return on_request();
  case RequestReader::State::failed: {
    static constexpr std::pair<int, std::string_view> reasons[] = {
        {431, "header_too_large"}, {414, "target_too_long"}, {413, "body_too_large"}};
    std::string_view reason = "malformed";
    for (const auto& [status, name] : reasons)
      if (status == reader_.error_status()) reason = name;
    return refuse(reader_.error_status(), reason, reader_.error_detail());
  }
  }
}

void Connection::on_head() {
  HttpRequest& request = reader_.request();
  request.id = hex64(random64());
  request.traceparent = traceparent_of(request.headers, random64());
  request.remote_address = peer_.address;
  request.remote_port = peer_.port;
  request.tls = peer_.tls;
  apply_forwarding(core_->options.trusted_proxies, request);
  decision_ = decide(*core_->routes(), request, reader_.target(), core_->options.limits);
  cors_source_ = decision_->match.cors_source;
  const bool is_refused = decision_->response.has_value();
  if (is_refused && reader_.expects_continue()) return on_request(); // spare the client the body
  reader_.read_body(is_refused ? core_->options.limits.body_bytes : decision_->max_body);
  const auto& route = decision_->match.route;
  const bool streams = !is_refused && route && route->options.streams_body;
  if (streams && reader_.state() != RequestReader::State::failed) {
    if (reader_.expects_continue() && in_.empty()) say_continue();
    return on_request();
  }
  if (reader_.state() == RequestReader::State::need_body) {
    phase_ = Phase::body;
    set_deadline(core_->options.limits.body_timeout_ms);
    if (reader_.expects_continue() && in_.empty()) say_continue();
  }
  process();
}

void Connection::say_continue() {
  enqueue({std::make_shared<const std::string>("HTTP/1.1 100 Continue\r\n\r\n"), 0, false});
}

// The request is whole, or refused without wanting its body, or its body is handed on as it comes.
void Connection::on_request() {
  const bool body_is_left = reader_.state() != RequestReader::State::complete;
  HttpRequest request = std::move(reader_.request());
  facts_ = {};
  facts_.id = request.id;
  facts_.method = request.method;
  facts_.target = request.target;
  facts_.headers = request.headers;
  facts_.is_websocket = request.is_websocket;
  received_us_ = core_->gate->clock().now_us();
  body_comes_ = body_is_left && !decision_->response && decision_->match.route->options.streams_body;
  keep_alive_ = reader_.keep_alive() && body_comes_ == body_is_left && !core_->draining &&
                ++requests_ < core_->options.limits.requests_per_connection;
  phase_ = Phase::handling;
  HttpDecision decision = std::move(*decision_);
  decision_.reset();
  route_pattern_ = decision.match.route ? decision.match.route->pattern : "none";
  if (decision.response) return send(std::move(*decision.response));
  std::shared_ptr<Route> route = decision.match.route;
  if (route->files) {
    const auto& segments = reader_.target().segments;
    auto file = route->file_name.empty()
                    ? route->files->get({segments.begin() + static_cast<std::ptrdiff_t>(route->files_depth),
                                         segments.end()},
                                        facts_)
                    : route->files->get({route->file_name}, facts_);
    return send(std::move(file.response), std::move(file.body));
  }
  request.params = std::move(decision.match.params);
  exchange_ = std::make_shared<Exchange>(weak_from_this(), core_->gate, request.is_websocket,
                                         [core = core_] { core->metrics.unanswered.add(); });
  handler_timeout_ms_ = route->options.handler_timeout_ms != 0 ? route->options.handler_timeout_ms
                                                               : core_->options.limits.handler_timeout_ms;
  set_deadline(handler_timeout_ms_);
  if (route->options.streams_body && !body_is_left) exchange_->body_came({}, BodyEnd::whole);
  auto task = [route = std::move(route), request = std::make_shared<HttpRequest>(std::move(request)),
               responder = exchange_->make_responder()] {
    run_handler(*route, std::move(*request), responder);
  };
  if (core_->gate->post(task)) return process();
  exchange_->expire(); // the task's responder finds nothing left to answer
  exchange_.reset();
  core_->metrics.refused.with({"busy"}).add();
  HttpResponse busy = problem(503, "server_busy", "the server is busy");
  busy.headers.set("Retry-After", "1");
  send(std::move(busy));
}

// The body goes to the handler as far as it wants it; what it does not want stays in the socket.
void Connection::pass_body() {
  if (!exchange_ || !exchange_->wants_body()) return;
  const RequestReader::State state = reader_.feed(in_);
  if (state == RequestReader::State::failed) {
    body_comes_ = false;
    exchange_->body_came({}, BodyEnd::cut);
    if (!exchange_->expire()) return close(); // an answer has begun
    exchange_.reset();
    return send_refusal(reader_.error_status(),
                        reader_.error_status() == 413 ? "body_too_large" : "malformed",
                        reader_.error_detail());
  }
  body_comes_ = state == RequestReader::State::need_body;
  std::string bytes = reader_.take_body();
  if (!body_comes_) {
    exchange_->body_came(std::move(bytes), BodyEnd::whole);
    if (phase_ == Phase::handling) set_deadline(handler_timeout_ms_);
    return process();
  }
  if (!bytes.empty()) exchange_->body_came(std::move(bytes), BodyEnd::more);
  if (!exchange_->wants_body()) { // now it is the handler's time that counts
    if (phase_ == Phase::handling) set_deadline(handler_timeout_ms_);
    return;
  }
  if (phase_ == Phase::handling) set_deadline(core_->options.limits.body_timeout_ms);
  read();
}

void Connection::cut_body() {
  if (std::exchange(body_comes_, false) && exchange_) exchange_->body_came({}, BodyEnd::cut);
}

void Connection::refuse(int status, std::string_view reason, std::string detail) {
  facts_ = {};
  facts_.id = reader_.request().id;
  facts_.method = reader_.request().method;
  facts_.headers = reader_.request().headers;
  received_us_ = core_->gate->clock().now_us();
  route_pattern_ = "none";
  send_refusal(status, reason, std::move(detail));
}

void Connection::send_refusal(int status, std::string_view reason, std::string detail) {
  core_->metrics.refused.with({reason}).add();
  log_debug("http", "request refused", {{"reason", reason}, {"status", status}, {"request", facts_.id}});
  keep_alive_ = false;
  phase_ = Phase::handling;
  send(problem(status, reason, std::move(detail)));
}

void Connection::set_deadline(std::uint32_t delay_ms) {
  deadline_.expires_after(std::chrono::milliseconds(delay_ms));
  deadline_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    // A wait that was replaced just as it expired arrives without error: the timer itself knows.
    if (error || !self || self->deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
    self->on_deadline();
  });
}

void Connection::on_deadline() {
  switch (phase_) {
  case Phase::head:
    return refuse(408, "header_timeout", "the head of the request took too long");
  case Phase::body:
    return refuse(408, "body_timeout", "the body of the request took too long");
  case Phase::handling: {
    const bool client_is_slow = body_comes_ && exchange_ && exchange_->wants_body();
    cut_body();
    if (!exchange_ || !exchange_->expire()) return;
    exchange_.reset();
    if (client_is_slow) return send_refusal(408, "body_timeout", "the body of the request took too long");
    core_->metrics.refused.with({"handler_timeout"}).add();
    log_warning("http", "a handler did not answer in time",
                {{"route", route_pattern_}, {"request", facts_.id}});
    return send(problem(504, "handler_timeout", "the answer took too long"));
  }
  case Phase::handshake:
    core_->metrics.refused.with({"tls_handshake"}).add();
    return close();
  case Phase::idle:
  case Phase::lingering:
    return close();
  default:
    return;
  }
}

void Connection::drain() {
  on_strand([](Connection& self) {
    self.keep_alive_ = false;
    const bool is_idle = self.phase_ == Phase::idle && !self.reader_.started();
    if (self.phase_ == Phase::handshake || is_idle) return self.close();
    if (self.socket_) return self.socket_->close(1001, "the server is going away");
    if (self.phase_ != Phase::streaming || !self.is_event_stream_ || !self.exchange_) return;
    self.is_event_stream_ = false;
    self.exchange_->client_gone();
    self.enqueue({std::make_shared<const std::string>(self.chunked_ ? "0\r\n\r\n" : ""), 0, true});
  });
}

void Connection::abort() {
  on_strand([](Connection& self) { self.close(); });
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  const auto self = shared_from_this(); // the registry's may be the last
  core_->connections.remove(self);
  if (phase_ == Phase::streaming) core_->metrics.streams.add(-1);
  phase_ = Phase::closed;
  deadline_.cancel();
  write_deadline_.cancel();
  transport_->close();
  out_.clear();
  cut_body();
  if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->client_gone();
  socket_.reset();
}

} // namespace viadux
