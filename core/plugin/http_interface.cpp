#include "core/plugin/http_interface.hpp"

#include "core/plugin/instance.hpp"

#include <algorithm>
#include <filesystem>
#include <viadux/text.hpp>

namespace viadux {

namespace {

constexpr std::uint32_t stream_buffer = 256 * 1024; // unsent bytes that a stream may hold

HttpResponse failure(int status, const char* reason, const char* detail) {
  return problem(HttpProblem{status, reason, detail, "", ""});
}

// The request as C sees it; borrows from `request_`, which lives as long.
class RequestView {
 public:
  explicit RequestView(const HttpRequest& request) {
    for (const auto& [name, value] : request.headers.fields()) {
      std::string lower = name;
      std::ranges::transform(lower, lower.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      names_.push_back(std::move(lower));
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      headers_.push_back({to_text(names_[i]), to_text(request.headers.fields()[i].second)});
    }
    for (const auto& [name, value] : request.params)
      captures_.push_back({to_text(name), to_text(value)});
    view_.struct_size = sizeof view_;
    view_.secure = request.tls ? 1 : 0;
    view_.method = to_text(request.method);
    view_.path = to_text(request.path);
    view_.query = to_text(request.raw_query);
    view_.host = to_text(request.host);
    view_.peer = to_text(request.remote_address);
    view_.captures = captures_.data();
    view_.capture_count = captures_.size();
    view_.headers = headers_.data();
    view_.header_count = headers_.size();
    view_.body = to_text(request.body);
  }
  const viadux_http_request* get() const { return &view_; }

 private:
  std::vector<std::string> names_;
  std::vector<viadux_pair> headers_;
  std::vector<viadux_pair> captures_;
  viadux_http_request view_{};
};

} // namespace

struct HttpInterface::Stream {
  PluginInstance* plugin = nullptr;
  HttpResponder responder;
  viadux_stream_credit on_credit = nullptr;
  void* arg = nullptr;
};

HttpInterface::~HttpInterface() {
  *alive_ = false;
}

std::function<void()> HttpInterface::if_alive(std::function<void()> task) const {
  return [alive = alive_, task = std::move(task)] {
    if (*alive) task();
  };
}

viadux_status HttpInterface::route(PluginInstance& plugin, std::string method, std::string pattern,
                                   std::optional<std::uint64_t> body_limit, viadux_http_handler handler,
                                   void* arg, viadux_handle* out) {
  HttpRouteOptions options;
  options.streams_body = body_limit.has_value();
  if (body_limit) options.max_body = *body_limit;
  options.cors = HttpCors{}; // bearer tokens, never cookies: any page may ask, with its protocol's headers
  options.cors->headers = {"*"};
  const auto on_request = [this, &plugin, handler, arg, streams = body_limit.has_value()](
                              const HttpRequest& request, HttpResponder responder) {
    this->handle(plugin, handler, arg, request, std::move(responder), streams);
  };
  const auto made = server_.route(std::move(method), std::move(pattern), on_request, options);
  return own(plugin, made, out);
}

viadux_status HttpInterface::files(PluginInstance& plugin, std::string prefix, viadux_handle* out) {
  // beside NAME.so: NAME/web
  const std::filesystem::path folder = std::filesystem::path(plugin.path()).replace_extension() / "web";
  return own(plugin, server_.static_files(std::move(prefix), folder.string()), out);
}

viadux_status HttpInterface::file(PluginInstance& plugin, std::string pattern, std::string name,
                                  viadux_handle* out) {
  const std::filesystem::path folder = std::filesystem::path(plugin.path()).replace_extension() / "web";
  return own(plugin, server_.static_file(std::move(pattern), folder.string(), std::move(name)), out);
}

viadux_status HttpInterface::own(PluginInstance& plugin, const Result<RouteId>& made, viadux_handle* out) {
  if (!made) return static_cast<viadux_status>(made.error().code);
  const RouteId id = made.value();
  *out = services_.handles.open(plugin, HandleKind::route, nullptr,
                                [this, id](ClosedBy /*by*/) { server_.remove_route(id); });
  if (*out != 0) return VIADUX_OK;
  server_.remove_route(id);
  return VIADUX_BUSY;
}

void HttpInterface::handle(PluginInstance& plugin, viadux_http_handler handler, void* arg,
                           const HttpRequest& request, HttpResponder responder, bool streams_body) {
  const auto exchange = std::make_shared<PluginExchange>(
      PluginExchange{responder, request.is_websocket, request.is_same_origin(),
                     request.headers.joined("Sec-WebSocket-Protocol"), streams_body});
  const viadux_handle id =
      services_.handles.open(plugin, HandleKind::exchange, exchange, [exchange](ClosedBy /*by*/) {
        exchange->responder.respond(failure(503, "plugin_stopping", "this service is stopping"));
      });
  if (id == 0) {
    responder.respond(failure(503, "handles_full", "too many requests wait for an answer"));
    return;
  }
  responder.on_gone(if_alive([this, id] { services_.handles.forget(id); }));
  const RequestView view(request);
  if (plugin.enter("http", [&] { handler(arg, id, view.get()); })) return;
  services_.handles.forget(id);
  responder.respond(
      failure(500, "exception", "the handler of this address failed")); // unless it had answered
}

viadux_status HttpInterface::respond(PluginInstance& plugin, viadux_handle id, std::uint32_t status,
                                     HttpHeaders headers, std::string body, std::optional<HttpFile> file) {
  const auto exchange = services_.handles.find<PluginExchange>(plugin, id, HandleKind::exchange);
  if (!exchange) return VIADUX_GONE;
  HttpResponse response;
  response.status = static_cast<int>(status);
  response.headers = std::move(headers);
  response.body = std::move(body);
  response.file = std::move(file);
  services_.handles.forget(id);
  return exchange->responder.respond(std::move(response)) ? VIADUX_OK : VIADUX_GONE;
}

viadux_status HttpInterface::body(PluginInstance& plugin, viadux_handle id, viadux_body_bytes on_bytes,
                                  void* arg) {
  const auto exchange = services_.handles.find<PluginExchange>(plugin, id, HandleKind::exchange);
  if (!exchange) return VIADUX_GONE;
  if (!exchange->streams_body) return VIADUX_BAD_ARGUMENT;
  if (!on_bytes) {
    exchange->responder.receive_body(nullptr);
    return VIADUX_OK;
  }
  exchange->responder.receive_body(
      [this, id, &plugin, on_bytes, arg, alive = alive_](const std::string& bytes, BodyEnd end) {
        if (!*alive || !services_.handles.find<PluginExchange>(plugin, id, HandleKind::exchange)) return;
        plugin.enter("body", [&] { on_bytes(arg, id, to_text(bytes), static_cast<std::uint32_t>(end)); });
      });
  return VIADUX_OK;
}

viadux_status HttpInterface::accept(const PluginInstance& plugin, viadux_handle id, std::uint64_t bytes) {
  const auto exchange = services_.handles.find<PluginExchange>(plugin, id, HandleKind::exchange);
  if (!exchange) return VIADUX_GONE;
  exchange->responder.accept_body(bytes);
  return VIADUX_OK;
}

viadux_status HttpInterface::stream(PluginInstance& plugin, viadux_handle id, std::uint32_t status,
                                    HttpHeaders headers, viadux_stream_credit on_credit, void* arg,
                                    viadux_handle* out) {
  const auto exchange = services_.handles.find<PluginExchange>(plugin, id, HandleKind::exchange);
  if (!exchange) return VIADUX_GONE;
  services_.handles.forget(id);
  auto stream = std::make_shared<Stream>();
  stream->plugin = &plugin;
  stream->responder = exchange->responder;
  stream->on_credit = on_credit;
  stream->arg = arg;
  // The closer needs the handle that open() gives.
  const auto own = std::make_shared<viadux_handle>(0);
  const viadux_handle handle =
      services_.handles.open(plugin, HandleKind::stream, stream,
                             [this, own](ClosedBy by) { close_stream(*own, by == ClosedBy::stop); });
  if (handle == 0) return VIADUX_BUSY;
  *own = handle;
  stream->responder.set_buffer_limit(stream_buffer);
  stream->responder.on_sent([this, handle, alive = alive_](std::size_t bytes) {
    if (*alive) give_credit(handle, static_cast<std::uint32_t>(bytes));
  });
  stream->responder.on_gone(if_alive([this, handle] {
    if (services_.handles.forget(handle)) close_stream(handle, true);
  }));
  {
    const std::lock_guard lock(mutex_);
    streams_.emplace(handle, stream);
  }
  if (!stream->responder.begin(static_cast<int>(status), std::move(headers))) {
    services_.handles.forget(handle);
    close_stream(handle, false);
    return VIADUX_GONE;
  }
  *out = handle;
  services_.soon(if_alive([this, handle] { give_credit(handle, stream_buffer); }));
  return VIADUX_OK;
}

std::shared_ptr<HttpInterface::Stream> HttpInterface::find_stream(viadux_handle handle) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(handle);
  return found == streams_.end() ? nullptr : found->second;
}

void HttpInterface::give_credit(viadux_handle handle, std::uint32_t bytes) {
  const auto stream = find_stream(handle);
  if (!stream || !stream->on_credit) return;
  stream->plugin->enter("credit", [&] { stream->on_credit(stream->arg, handle, bytes); });
}

void HttpInterface::close_stream(viadux_handle handle, bool tell) {
  const auto stream = find_stream(handle);
  if (!stream) return;
  {
    const std::lock_guard lock(mutex_);
    streams_.erase(handle);
  }
  stream->responder.end();
  if (!tell || !stream->on_credit) return;
  stream->plugin->enter("credit", [&] { stream->on_credit(stream->arg, handle, 0); });
}

// [any thread] The responder bounds what is unsent.
viadux_status HttpInterface::write(const PluginInstance& plugin, viadux_handle handle, std::string bytes) {
  const auto stream = find_stream(handle);
  if (!stream || stream->plugin != &plugin) return VIADUX_GONE;
  switch (stream->responder.write(std::move(bytes))) {
  case WriteResult::full:
    return VIADUX_BUSY;
  case WriteResult::gone:
    return VIADUX_GONE;
  case WriteResult::ok:
    break;
  }
  return VIADUX_OK;
}

viadux_status HttpInterface::end(PluginInstance& plugin, viadux_handle handle) {
  if (!services_.handles.find<Stream>(plugin, handle, HandleKind::stream)) return VIADUX_GONE;
  services_.handles.close(plugin, handle);
  return VIADUX_OK;
}

} // namespace viadux
