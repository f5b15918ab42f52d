// "viadux.http": routes, responses and streams of plugins, over core/http. [control], write() on any thread.
#pragma once

#include "core/http/server.hpp"
#include "core/plugin/http_sockets.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/services.hpp"

#include <mutex>
#include <unordered_map>
#include <viadux/http.h>

namespace viadux {

// A request that a plugin has to answer.
struct PluginExchange {
  HttpResponder responder;
  bool is_websocket = false;
  bool is_same_origin = false;
  std::string subprotocols; // what the client speaks, as it came
  bool streams_body = false;
};

class HttpInterface final : public HostInterface {
 public:
  // Both outlive it.
  HttpInterface(HttpServer& server, PluginServices& services);
  ~HttpInterface() override;

  const void* table() const override { return &table_; }

  // What the functions of the table do.
  viadux_status route(PluginInstance& plugin, std::string method, std::string pattern,
                      std::optional<std::uint64_t> body_limit, viadux_http_handler handler, void* arg,
                      viadux_handle* out); // body_limit: the body is streamed
  viadux_status body(PluginInstance& plugin, viadux_handle id, viadux_body_bytes on_bytes, void* arg);
  viadux_status accept(const PluginInstance& plugin, viadux_handle id, std::uint64_t bytes);
  viadux_status files(PluginInstance& plugin, std::string prefix, viadux_handle* out);
  viadux_status file(PluginInstance& plugin, std::string pattern, std::string name, viadux_handle* out);
  viadux_status respond(PluginInstance& plugin, viadux_handle id, std::uint32_t status, HttpHeaders headers,
                        std::string body, std::optional<HttpFile> file = std::nullopt);
  viadux_status stream(PluginInstance& plugin, viadux_handle id, std::uint32_t status, HttpHeaders headers,
                       viadux_stream_credit on_credit, void* arg, viadux_handle* out);
  viadux_status write(const PluginInstance& plugin, viadux_handle stream, std::string bytes);
  viadux_status end(PluginInstance& plugin, viadux_handle stream);
  HttpSockets& sockets() { return sockets_; }

 private:
  viadux_status own(PluginInstance& plugin, const Result<RouteId>& made, viadux_handle* out);
  struct Stream;
  void handle(PluginInstance& plugin, viadux_http_handler handler, void* arg, const HttpRequest& request,
              HttpResponder responder, bool streams_body);
  void give_credit(viadux_handle handle, std::uint32_t bytes);
  void close_stream(viadux_handle handle, bool tell);
  std::shared_ptr<Stream> find_stream(viadux_handle handle);
  std::function<void()> if_alive(std::function<void()> task) const;

  HttpServer& server_;
  PluginServices& services_;
  viadux_http table_{};
  std::mutex mutex_; // guards streams_, which write() reads on foreign threads
  std::unordered_map<viadux_handle, std::shared_ptr<Stream>> streams_;
  HttpSockets sockets_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace viadux
