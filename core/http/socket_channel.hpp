// One WebSocket (RFC 6455) on its connection's strand. Beast does the protocol; this is its plain border.
#pragma once

#include "core/http/control_gate.hpp"
#include "core/http/responder.hpp"
#include "core/http/transport.hpp"

namespace viadux::http_detail {

class SocketChannel {
 public:
  virtual ~SocketChannel() = default;
  // [any thread]
  virtual WriteResult send(std::string message, bool is_text) = 0;
  virtual void close(std::uint16_t code, std::string reason) = 0;
  virtual bool open() const = 0;
  virtual void receive(std::uint32_t messages) = 0;

 protected:
  static WebSocket handle_of(std::shared_ptr<SocketChannel> channel) {
    WebSocket socket;
    socket.channel_ = std::move(channel);
    return socket;
  }
};

struct SocketSetup {
  std::shared_ptr<HttpTransport> transport;
  std::string already_read; // bytes that came after the request
  HttpRequest request;
  std::shared_ptr<WebSocketHandler> handler;
  WebSocketOptions options;
  std::shared_ptr<ControlGate> gate;
  std::function<void()> on_end; // on the strand, once, when the connection may be closed
};

// On the strand: answers 101 and begins to read.
std::shared_ptr<SocketChannel> start_web_socket(SocketSetup setup);

} // namespace viadux::http_detail
