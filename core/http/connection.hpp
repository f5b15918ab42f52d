// One connection: reads requests, has them decided or handled, writes the answers in order. Lives on its
// strand.
#pragma once

#include "core/http/dispatch.hpp"
#include "core/http/exchange.hpp"
#include "core/http/server_core.hpp"
#include "core/http/socket_channel.hpp"
#include "core/http/transport.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>

namespace viadux {

class Connection final : public http_detail::ExchangeSink, public std::enable_shared_from_this<Connection> {
 public:
  struct Peer {
    std::string address;
    std::uint16_t port = 0;
    bool tls = false;
    std::string client; // key in the registry
  };
  // `peer.client` has been admitted to the registry; it is released at the end.
  Connection(std::shared_ptr<ServerCore> core, std::shared_ptr<HttpTransport> transport, Peer peer);
  ~Connection() override;

  // [any thread]
  void start();
  void drain(); // ends now when idle or an event stream, else after the answer under way
  void abort();

  // ExchangeSink [any thread]
  void answer(std::shared_ptr<http_detail::Exchange> exchange, HttpResponse response) override;
  void begin_stream(std::shared_ptr<http_detail::Exchange> exchange, int status,
                    HttpHeaders headers) override;
  void send_chunk(std::shared_ptr<http_detail::Exchange> exchange, std::string chunk) override;
  void end_stream(std::shared_ptr<http_detail::Exchange> exchange, bool complete) override;
  void body_wanted(std::shared_ptr<http_detail::Exchange> exchange) override;
  void upgrade(std::shared_ptr<http_detail::Exchange> exchange, std::shared_ptr<WebSocketHandler> handler,
               WebSocketOptions options) override;

 private:
  enum class Phase : std::uint8_t {
    handshake,
    idle,
    head,
    body,
    handling,
    streaming,
    finishing,
    lingering,
    websocket,
    closed
  };
  struct Out {
    std::shared_ptr<const std::string> bytes;
    std::size_t stream_bytes = 0; // to be given back to the exchange's credit
    bool last = false;            // of this answer
  };

  // Reading
  void read();
  void on_read(boost::system::error_code error, std::size_t bytes);
  void process();
  void on_head();
  void on_request();
  void pass_body();
  void cut_body();
  void say_continue();
  void refuse(int status, std::string_view reason, std::string detail);
  void send_refusal(int status, std::string_view reason, std::string detail);

  // Answering
  bool is_current(const std::shared_ptr<http_detail::Exchange>& exchange) const;
  void send(HttpResponse response, std::shared_ptr<const std::string> shared_body = nullptr);
  void add_common_headers(HttpHeaders& headers);
  void note_answer(int status);
  void enqueue(Out out);
  void write();
  void on_written(std::size_t bytes);
  void on_answer_sent();
  void linger();
  void close();

  // Time
  void set_deadline(std::uint32_t delay_ms);
  void on_deadline();
  void arm_write_timer();
  // [any thread] Captures weakly: what waits in the queue does not keep a connection alive.
  template <class Work>
  void on_strand(Work work) {
    boost::asio::post(transport_->executor(), [weak = weak_from_this(), work = std::move(work)]() mutable {
      if (const auto self = weak.lock(); self && self->phase_ != Phase::closed) work(*self);
    });
  }

  const std::shared_ptr<ServerCore> core_;
  const std::shared_ptr<HttpTransport> transport_;
  const Peer peer_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer write_deadline_;
  Phase phase_ = Phase::handshake;

  std::array<char, 8 * 1024> chunk_{}; // an idle connection costs little more than this
  std::string in_;
  bool reading_ = false;
  RequestReader reader_;
  std::uint32_t requests_ = 0;
  std::optional<HttpDecision> decision_;

  // Of the request being answered
  std::shared_ptr<http_detail::Exchange> exchange_;
  HttpRequest facts_; // without body: for CORS, conditions, the log
  std::string route_pattern_;
  std::shared_ptr<Route> cors_source_;
  std::int64_t received_us_ = 0;
  bool keep_alive_ = true;
  bool chunked_ = false;
  bool is_event_stream_ = false;
  bool without_body_ = false;
  bool body_comes_ = false; // to the exchange, as it is wanted
  std::uint32_t handler_timeout_ms_ = 0;

  std::deque<Out> out_;
  std::size_t out_offset_ = 0;
  bool writing_ = false;
  std::shared_ptr<http_detail::SocketChannel> socket_;
};

} // namespace viadux
