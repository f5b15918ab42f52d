// Listening sockets: accept, count, refuse, hand over to a Connection.
#pragma once

#include "core/http/server_core.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace viadux {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<ServerCore> core, bool tls);
  // Binds at once; errors name the address and what the system said.
  Result<HttpBound> open(const HttpListen& listen);
  void start();
  void close(); // [any thread]

 private:
  void accept();
  void on_accepted(boost::asio::ip::tcp::socket socket);
  void retry_later();

  const std::shared_ptr<ServerCore> core_;
  const bool tls_;
  boost::asio::any_io_executor executor_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  bool closed_ = false;
};

} // namespace viadux
