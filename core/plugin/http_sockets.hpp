// WebSockets of plugins, over core/http: the second half of "viadux.http". [control]; send() and receive() on
// any thread.
#pragma once

#include "core/http/responder.hpp"
#include "core/plugin/services.hpp"

#include <mutex>
#include <unordered_map>
#include <viadux/http.h>

namespace viadux {

class HttpSockets {
 public:
  explicit HttpSockets(PluginServices& services) : services_(services) {}
  ~HttpSockets() { *alive_ = false; }
  HttpSockets(const HttpSockets&) = delete;
  HttpSockets& operator=(const HttpSockets&) = delete;

  // The C functions (http_sockets.cpp).
  static void fill(viadux_http& table);

  viadux_status accept(PluginInstance& plugin, viadux_handle exchange, const viadux_socket_options& options,
                       const viadux_socket_events& events, void* arg, viadux_handle* out);
  viadux_status send(const PluginInstance& plugin, viadux_handle socket, std::string bytes, bool is_text);
  viadux_status receive(const PluginInstance& plugin, viadux_handle socket, std::uint32_t messages);
  viadux_status close(const PluginInstance& plugin, viadux_handle socket, std::uint16_t code,
                      std::string reason);

 private:
  struct Socket;
  class Handler;
  std::shared_ptr<Socket> find(const PluginInstance& plugin, viadux_handle handle);
  void remove(viadux_handle handle);

  PluginServices& services_;
  std::mutex mutex_; // guards sockets_ and what is in each, which foreign threads read
  std::unordered_map<viadux_handle, std::shared_ptr<Socket>> sockets_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
