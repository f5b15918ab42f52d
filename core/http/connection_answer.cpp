// Answering: from a response or stream to bytes, and on to the next request.
#include "core/http/connection.hpp"
#include "core/http/text.hpp"
#include "core/log/log.hpp"

#include <boost/asio/post.hpp>

namespace viadux {
namespace asio = boost::asio;
using http_detail::Exchange;

namespace {
constexpr std::size_t joined_body_bytes = 16 * 1024; // smaller bodies travel with their head
constexpr std::size_t min_compressed_bytes = 1024;
constexpr std::size_t max_compressed_bytes = 4 * 1024 * 1024;
constexpr std::uint32_t linger_ms = 2000;

std::shared_ptr<const std::string> bytes_of(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

} // namespace

bool Connection::is_current(const std::shared_ptr<Exchange>& exchange) const {
  return exchange_ == exchange && phase_ != Phase::closed;
}

void Connection::answer(std::shared_ptr<Exchange> exchange, HttpResponse response) {
  on_strand([exchange = std::move(exchange), response = std::move(response)](Connection& self) mutable {
    if (!self.is_current(exchange)) return;
    if (!response.file) return self.send(std::move(response));
    StaticFiles::Answer answer = self.core_->files.get(std::move(response), self.facts_);
    self.send(std::move(answer.response), std::move(answer.body));
  });
}

void Connection::begin_stream(std::shared_ptr<Exchange> exchange, int status, HttpHeaders headers) {
  on_strand([exchange = std::move(exchange), status, headers = std::move(headers)](Connection& self) mutable {
    if (!self.is_current(exchange) || self.phase_ != Phase::handling) return;
    self.deadline_.cancel();
    self.phase_ = Phase::streaming;
    if (self.body_comes_) self.keep_alive_ = false; // what comes yet of the body is not waited for
    self.core_->metrics.streams.add();
    self.is_event_stream_ = headers.get("Content-Type").starts_with("text/event-stream");
    self.without_body_ = self.facts_.method == "HEAD" || status == 204 || status == 304;
    self.chunked_ = !self.reader_.http10() && !self.without_body_;
    // Without chunks the end of the body is the end of the connection (RFC 9112, 6.3).
    if (self.reader_.http10()) self.keep_alive_ = false;
    self.add_common_headers(headers);
    self.note_answer(status);
    self.enqueue({bytes_of(format_head(status, headers,
                                       {.http10 = self.reader_.http10(),
                                        .keep_alive = self.keep_alive_,
                                        .chunked = self.chunked_,
                                        .content_length = std::nullopt,
                                        .unix_s = self.core_->gate->clock().wall_ms() / 1000})),
                  0, false});
    if (self.core_->draining) self.drain();
  });
}

void Connection::send_chunk(std::shared_ptr<Exchange> exchange, std::string chunk) {
  on_strand([exchange = std::move(exchange), chunk = std::move(chunk)](Connection& self) mutable {
    if (!self.is_current(exchange) || self.phase_ != Phase::streaming) return;
    const std::size_t size = chunk.size();
    if (self.without_body_) return exchange->released(size);
    if (self.chunked_) {
      char head[24];
      std::snprintf(head, sizeof head, "%zx\r\n", size);
      chunk = head + chunk + "\r\n";
    }
    self.enqueue({bytes_of(std::move(chunk)), size, false});
  });
}

void Connection::end_stream(std::shared_ptr<Exchange> exchange, bool complete) {
  on_strand([exchange = std::move(exchange), complete](Connection& self) {
    if (!self.is_current(exchange) || self.phase_ != Phase::streaming) return;
    if (!complete) return self.close(); // the missing last chunk tells the client
    self.is_event_stream_ = false;
    self.enqueue({bytes_of(self.chunked_ ? "0\r\n\r\n" : ""), 0, true});
  });
}

void Connection::body_wanted(std::shared_ptr<Exchange> exchange) {
  on_strand([exchange = std::move(exchange)](Connection& self) {
    if (self.is_current(exchange) && self.body_comes_) self.process();
  });
}

void Connection::upgrade(std::shared_ptr<Exchange> exchange, std::shared_ptr<WebSocketHandler> handler,
                         WebSocketOptions options) {
  // Held strongly: having said yes, we owe the handler its on_close().
  asio::post(transport_->executor(), [exchange = std::move(exchange), handler = std::move(handler),
                                      options = std::move(options), owner = shared_from_this()]() mutable {
    Connection& self = *owner;
    const bool can = self.is_current(exchange) && self.phase_ == Phase::handling && !self.reading_;
    if (!can) { // it left meanwhile: the handler is told so
      self.core_->gate->post_surely([handler] { handler->on_close(1006, "the client left"); });
      return;
    }
    self.deadline_.cancel();
    self.phase_ = Phase::websocket;
    self.exchange_.reset();
    self.note_answer(101);
    self.core_->metrics.websockets.add();
    self.socket_ = http_detail::start_web_socket({
        .transport = self.transport_,
        .already_read = std::move(self.in_),
        .request = std::move(self.facts_),
        .handler = std::move(handler),
        .options = std::move(options),
        .gate = self.core_->gate,
        .on_end =
            [connection = self.shared_from_this()] {
              connection->core_->metrics.websockets.add(-1);
              connection->close();
            },
    });
    if (self.core_->draining) self.drain();
  });
}

void Connection::add_common_headers(HttpHeaders& headers) {
  for (const auto& [name, value] : core_->options.default_headers)
    if (!headers.has(name)) headers.set(name, value);
  if (!facts_.id.empty()) headers.set("X-Request-Id", facts_.id);
  if (cors_source_) add_cors(*cors_source_->options.cors, facts_, headers);
}

void Connection::note_answer(int status) {
  const std::int64_t took_us = core_->gate->clock().now_us() - received_us_;
  core_->metrics.answered(route_pattern_, facts_.method, status, static_cast<double>(took_us) / 1e6);
  log_debug("http", "answered",
            {{"route", route_pattern_},
             {"method", facts_.method},
             {"status", status},
             {"took_us", took_us},
             {"request", facts_.id}});
}

void Connection::send(HttpResponse response, std::shared_ptr<const std::string> shared_body) {
  deadline_.cancel();
  phase_ = Phase::finishing;
  if (body_comes_) keep_alive_ = false; // what comes yet of the body is not waited for
  HttpHeaders& headers = response.headers;
  if (response.compress && !shared_body && !headers.has("Content-Encoding") && !headers.has("ETag") &&
      response.body.size() >= min_compressed_bytes && response.body.size() <= max_compressed_bytes) {
    headers.add("Vary", "Accept-Encoding");
    if (accepts_gzip(facts_.headers.joined("Accept-Encoding"))) {
      response.body = gzip(response.body);
      headers.set("Content-Encoding", "gzip");
    }
  }
  // An informational or impossible status is a handler's mistake; the client shall have a whole answer.
  if (response.status < 200 || response.status > 599)
    response = problem(500, "answer_invalid", "the answer's status is not possible");
  add_common_headers(headers);
  note_answer(response.status);
  const bool no_body_ever = response.status == 204 || response.status == 304;
  const std::size_t length = shared_body ? shared_body->size() : response.body.size();
  std::string head =
      format_head(response.status, headers,
                  {.http10 = reader_.http10(),
                   .keep_alive = keep_alive_,
                   .chunked = false,
                   .content_length = no_body_ever ? std::nullopt : std::optional<std::size_t>(length),
                   .unix_s = core_->gate->clock().wall_ms() / 1000});
  if (no_body_ever || facts_.method == "HEAD" || length == 0)
    return enqueue({bytes_of(std::move(head)), 0, true});
  if (!shared_body && length <= joined_body_bytes) {
    head += response.body;
    return enqueue({bytes_of(std::move(head)), 0, true});
  }
  enqueue({bytes_of(std::move(head)), 0, false});
  enqueue({shared_body ? std::move(shared_body) : bytes_of(std::move(response.body)), 0, true});
}

void Connection::enqueue(Out out) {
  if (phase_ == Phase::closed) return;
  out_.push_back(std::move(out));
  if (!writing_) write();
}

void Connection::write() {
  while (!out_.empty() && out_offset_ == out_.front().bytes->size()) {
    const Out done = std::move(out_.front());
    out_.pop_front();
    out_offset_ = 0;
    if (done.stream_bytes != 0 && exchange_) exchange_->released(done.stream_bytes);
    if (done.last) return on_answer_sent();
  }
  if (out_.empty()) {
    write_deadline_.cancel();
    return;
  }
  writing_ = true;
  arm_write_timer();
  // The bytes are held by the handler: close() may empty the queue while the write is under way.
  const auto bytes = out_.front().bytes;
  transport_->write_some(asio::buffer(bytes->data() + out_offset_, bytes->size() - out_offset_),
                         [self = shared_from_this(), bytes](auto error, std::size_t sent) {
                           self->writing_ = false;
                           if (self->phase_ == Phase::closed) return;
                           if (error) return self->close();
                           self->on_written(sent);
                         });
}

void Connection::on_written(std::size_t bytes) {
  out_offset_ += bytes;
  write();
}

void Connection::arm_write_timer() {
  write_deadline_.expires_after(std::chrono::milliseconds(core_->options.limits.write_timeout_ms));
  write_deadline_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self || self->phase_ == Phase::closed ||
        self->write_deadline_.expiry() > asio::steady_timer::clock_type::now() || !self->writing_)
      return;
    self->core_->metrics.refused.with({"write_timeout"}).add();
    self->close();
  });
}

void Connection::on_answer_sent() {
  write_deadline_.cancel();
  if (phase_ == Phase::streaming) core_->metrics.streams.add(-1);
  exchange_.reset();
  cors_source_.reset();
  is_event_stream_ = chunked_ = without_body_ = body_comes_ = false;
  if (!keep_alive_ || core_->draining) return linger();
  reader_.reset();
  phase_ = Phase::idle;
  set_deadline(core_->options.limits.idle_timeout_ms);
  process();
}

// Closing with unread bytes would reset the connection and could take our answer with it (RFC 9112, 9.6): say
// that nothing more comes, then read on for a moment.
void Connection::linger() {
  const bool may_send_more = reader_.state() != RequestReader::State::complete;
  phase_ = Phase::lingering;
  in_.clear();
  set_deadline(linger_ms);
  if (peer_.tls && may_send_more) return read(); // close_notify would end what it still sends
  transport_->shutdown_send([self = shared_from_this()](bool is_over) {
    if (self->phase_ == Phase::closed) return;
    if (is_over) return self->close();
    self->read();
  });
}

} // namespace viadux
