#include "core/http/transport.hpp"

#include "core/http/tls_context.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace viadux {
namespace asio = boost::asio;
namespace {

void close_socket(asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket.close(ignored);
}

class PlainTransport final : public HttpTransport {
 public:
  explicit PlainTransport(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  void handshake(std::function<void(boost::system::error_code)> done) override {
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
  }
  void read_some(asio::mutable_buffer buffer, Done done) override {
    socket_.async_read_some(buffer, std::move(done));
  }
  void write_some(asio::const_buffer buffer, Done done) override {
    socket_.async_write_some(buffer, std::move(done));
  }
  void shutdown_send(std::function<void(bool)> done) override {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    asio::post(socket_.get_executor(), [done = std::move(done)] { done(false); });
  }
  void close() override { close_socket(socket_); }
  asio::any_io_executor executor() override { return socket_.get_executor(); }

 private:
  asio::ip::tcp::socket socket_;
};

class TlsTransport final : public HttpTransport {
 public:
  TlsTransport(asio::ip::tcp::socket socket, std::shared_ptr<TlsContext> context)
      : context_(std::move(context)), stream_(std::move(socket), context_->context()) {}

  void handshake(std::function<void(boost::system::error_code)> done) override {
    stream_.async_handshake(asio::ssl::stream_base::server, std::move(done));
  }
  void read_some(asio::mutable_buffer buffer, Done done) override {
    stream_.async_read_some(buffer, std::move(done));
  }
  void write_some(asio::const_buffer buffer, Done done) override {
    stream_.async_write_some(buffer, std::move(done));
  }
  void shutdown_send(std::function<void(bool)> done) override {
    // Sends close_notify and completes when the peer's has come; the connection's timer ends a peer that is
    // silent.
    stream_.async_shutdown([done = std::move(done)](auto) { done(true); });
  }
  void close() override { close_socket(stream_.next_layer()); }
  asio::any_io_executor executor() override { return stream_.get_executor(); }

 private:
  std::shared_ptr<TlsContext> context_; // before stream_, which uses it
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

} // namespace

std::shared_ptr<HttpTransport> make_plain_transport(asio::ip::tcp::socket socket) {
  return std::make_shared<PlainTransport>(std::move(socket));
}

std::shared_ptr<HttpTransport> make_tls_transport(asio::ip::tcp::socket socket,
                                                  std::shared_ptr<TlsContext> context) {
  return std::make_shared<TlsTransport>(std::move(socket), std::move(context));
}

} // namespace viadux
