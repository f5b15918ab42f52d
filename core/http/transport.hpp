// A connection's bytes, plain or TLS, behind one interface, so that the HTTP and WebSocket code is compiled
// once.
//
// All calls and completions are on the transport's strand. At most one read and one write at a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

typedef struct ssl_ctx_st SSL_CTX;

namespace viadux {

class HttpTransport {
 public:
  using Done = std::function<void(boost::system::error_code, std::size_t)>;

  virtual ~HttpTransport() = default;
  virtual void handshake(std::function<void(boost::system::error_code)> done) = 0;
  // The buffers must stay until `done`, which is never called from inside the call.
  virtual void read_some(boost::asio::mutable_buffer buffer, Done done) = 0;
  virtual void write_some(boost::asio::const_buffer buffer, Done done) = 0;
  // Says that no more comes. Plain: sends FIN, `false`: read on until the peer's own. TLS: exchanges
  // close_notify; `done(true)` when that is over, reading is of no use meanwhile.
  virtual void shutdown_send(std::function<void(bool is_over)> done) = 0;
  // Ends everything at once; what is under way completes with an error. Safe to call again.
  virtual void close() = 0;
  virtual boost::asio::any_io_executor executor() = 0;
};

std::shared_ptr<HttpTransport> make_plain_transport(boost::asio::ip::tcp::socket socket);

// A TLS context that transports share; the connection keeps the one it began with.
class TlsContext;
std::shared_ptr<HttpTransport> make_tls_transport(boost::asio::ip::tcp::socket socket,
                                                  std::shared_ptr<TlsContext> context);

} // namespace viadux
