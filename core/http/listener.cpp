#include "core/http/listener.hpp"

#include "core/http/connection.hpp"
#include "core/log/log.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/strand.hpp>

namespace viadux {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string plain_address(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

Error bind_error(const HttpListen& listen, const char* step, const boost::system::error_code& error) {
  const std::string what = listen.address + " port " + std::to_string(listen.port);
  std::string hint;
  if (error == asio::error::address_in_use)
    hint = "another program uses this port; choose another, or stop that one";
  if (error == asio::error::access_denied)
    hint = "ports below 1024 need the right to bind them (CAP_NET_BIND_SERVICE)";
  return make_error(ErrorCode::bad_argument, "listen_failed",
                    "cannot listen on " + what + ": " + step + ": " + error.message(), "listen", hint);
}

} // namespace

Listener::Listener(std::shared_ptr<ServerCore> core, bool tls)
    : core_(std::move(core)), tls_(tls), executor_(asio::make_strand(core_->io)), acceptor_(executor_),
      retry_(executor_) {}

Result<HttpBound> Listener::open(const HttpListen& listen) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(listen.address, error);
  if (error)
    return make_error(ErrorCode::bad_argument, "listen_failed",
                      "cannot listen on '" + listen.address + "': it is no IP address", "listen");
  const tcp::endpoint endpoint(address, listen.port);
  acceptor_.open(endpoint.protocol(), error);
  if (error) return bind_error(listen, "open", error);
  acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  // "::" serves both families; a certain IPv6 address only itself.
  if (address.is_v6()) acceptor_.set_option(asio::ip::v6_only(!address.is_unspecified()), error);
  acceptor_.bind(endpoint, error);
  if (error) return bind_error(listen, "bind", error);
  acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return bind_error(listen, "listen", error);
  const auto bound = acceptor_.local_endpoint(error);
  return HttpBound{listen.address, bound.port(), tls_};
}

void Listener::start() {
  asio::post(executor_, [self = shared_from_this()] { self->accept(); });
}

void Listener::close() {
  asio::post(executor_, [self = shared_from_this()] {
    self->closed_ = true;
    boost::system::error_code ignored;
    self->acceptor_.close(ignored);
    self->retry_.cancel();
  });
}

void Listener::accept() {
  if (closed_) return;
  // Each connection gets a strand of its own.
  acceptor_.async_accept(asio::make_strand(core_->io), [self = shared_from_this()](auto error, auto socket) {
    if (self->closed_) return;
    if (error == asio::error::connection_aborted) return self->accept();
    if (error) {
      log_warning("http", "cannot accept connections", {{"error", error.message()}});
      return self->retry_later();
    }
    self->on_accepted(std::move(socket));
    self->accept();
  });
}

// Out of file descriptors: the waiting connection would make accept() fail at once, again and again.
void Listener::retry_later() {
  retry_.expires_after(std::chrono::milliseconds(200));
  retry_.async_wait([self = shared_from_this()](auto error) {
    if (!error) self->accept();
  });
}

void Listener::on_accepted(tcp::socket socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return; // gone already
  socket.set_option(tcp::no_delay(true), error);
  Connection::Peer peer{plain_address(remote.address()), remote.port(), tls_, {}};
  peer.client = client_key(peer.address);
  const auto& proxies = core_->options.trusted_proxies;
  const bool is_proxy = std::find(proxies.begin(), proxies.end(), peer.address) != proxies.end();
  const std::string_view reason =
      core_->draining ? "draining" : core_->connections.admit(peer.client, core_->options.limits, is_proxy);
  if (!reason.empty()) {
    core_->metrics.refused.with({reason}).add();
    static constexpr std::string_view busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                                             "Content-Length: 0\r\nConnection: close\r\n\r\n";
    socket.non_blocking(true, error);
    if (!tls_) socket.write_some(asio::buffer(busy), error);
    socket.shutdown(tcp::socket::shutdown_both, error);
    return;
  }
  auto transport =
      tls_ ? make_tls_transport(std::move(socket), core_->tls()) : make_plain_transport(std::move(socket));
  std::make_shared<Connection>(core_, std::move(transport), std::move(peer))->start();
}

} // namespace viadux
