#include "core/plugin/http_sockets.hpp"

#include "core/http/text.hpp"
#include "core/plugin/http_interface.hpp"
#include "core/plugin/instance.hpp"

#include <algorithm>
#include <cstring>
#include <viadux/json.hpp>
#include <viadux/text.hpp>

namespace viadux {
namespace {

constexpr std::uint16_t close_going_away = 1001; // RFC 6455, 7.4.1
constexpr std::uint16_t close_internal = 1011;
constexpr std::size_t reason_max = 123;

std::uint32_t or_default(std::uint32_t value, std::uint32_t by_default, std::uint32_t most) {
  return value == 0 ? by_default : std::min(value, most);
}

} // namespace

struct HttpSockets::Socket {
  PluginInstance* plugin = nullptr;
  viadux_socket_events events{};
  void* arg = nullptr;
  viadux_handle handle = 0;
  std::uint32_t send_limit = 0;
  WebSocket socket;     // under mutex_; open when on_open() has come
  bool is_open = false; // likewise
  bool silent = false;  // closed by the plugin: nothing more is told
};

// Between core/http and the plugin. The interface may be gone before the last callback.
class HttpSockets::Handler final : public WebSocketHandler {
 public:
  Handler(HttpSockets& owner, std::shared_ptr<Socket> socket)
      : owner_(owner), alive_(owner.alive_), socket_(std::move(socket)) {}

  void on_open(WebSocket socket) override {
    if (!*alive_ || socket_->silent) return socket.close(close_going_away);
    {
      const std::lock_guard lock(owner_.mutex_);
      socket_->socket = std::move(socket);
      socket_->is_open = true;
    }
    credit(socket_->send_limit);
  }
  void on_message(std::string message, bool is_text) override {
    const auto call = socket_->events.message;
    if (!tells() || !call) return;
    const bool entered = socket_->plugin->enter(
        "socket", [&] { call(socket_->arg, socket_->handle, is_text ? 1 : 0, to_text(message)); });
    if (!entered) socket_->socket.close(close_internal, "the handler of this socket failed");
  }
  void on_sent(std::size_t bytes) override { credit(static_cast<std::uint32_t>(bytes)); }
  void on_close(std::uint16_t code, const std::string& reason) override {
    if (!tells()) return;
    owner_.remove(socket_->handle);
    owner_.services_.handles.forget(socket_->handle);
    socket_->silent = true;
    const auto call = socket_->events.closed;
    if (!call) return;
    socket_->plugin->enter("socket", [&] { call(socket_->arg, socket_->handle, code, to_text(reason)); });
  }

 private:
  bool tells() const { return *alive_ && !socket_->silent; }
  void credit(std::uint32_t bytes) {
    const auto call = socket_->events.credit;
    if (!tells() || !call) return;
    socket_->plugin->enter("credit", [&] { call(socket_->arg, socket_->handle, bytes); });
  }

  HttpSockets& owner_;
  const std::shared_ptr<bool> alive_;
  const std::shared_ptr<Socket> socket_;
};

viadux_status HttpSockets::accept(PluginInstance& plugin, viadux_handle exchange,
                                  const viadux_socket_options& options, const viadux_socket_events& events,
                                  void* arg, viadux_handle* out) {
  const auto asked = services_.handles.find<PluginExchange>(plugin, exchange, HandleKind::exchange);
  if (!asked) return VIADUX_GONE;
  if (!asked->is_websocket) return VIADUX_BAD_ARGUMENT;
  if (!asked->is_same_origin && options.any_origin == 0) return VIADUX_REFUSED;
  WebSocketOptions wanted;
  wanted.max_message_bytes = or_default(options.message_limit, 64 * 1024, 1024 * 1024);
  wanted.max_pending_messages = or_default(options.window, 16, 256);
  wanted.max_buffered_bytes = or_default(options.send_limit, 256 * 1024, 4 * 1024 * 1024);
  wanted.idle_timeout_s = or_default(options.idle_timeout_s, 60, 3600);
  wanted.receive_by_credit = true;
  // A client that did not ask for it would have to hang up (RFC 6455, 4.1).
  if (list_contains(asked->subprotocols, to_view(options.subprotocol)))
    wanted.subprotocol = to_view(options.subprotocol);

  auto socket = std::make_shared<Socket>();
  socket->plugin = &plugin;
  socket->events = events;
  socket->arg = arg;
  socket->send_limit = static_cast<std::uint32_t>(wanted.max_buffered_bytes);
  socket->handle = services_.handles.open(
      plugin, HandleKind::socket, socket, [this, weak = std::weak_ptr(socket)](ClosedBy by) {
        const auto closed = weak.lock();
        if (!closed) return;
        closed->silent = true;
        remove(closed->handle);
        closed->socket.close(by == ClosedBy::stop ? close_going_away : 1000);
        if (by != ClosedBy::stop || !closed->events.closed) return;
        closed->plugin->enter("socket", [&] {
          closed->events.closed(closed->arg, closed->handle, close_going_away, to_text("the plugin stops"));
        });
      });
  if (socket->handle == 0) return VIADUX_BUSY;
  services_.handles.forget(exchange);
  {
    const std::lock_guard lock(mutex_);
    sockets_.emplace(socket->handle, socket);
  }
  if (!asked->responder.accept_websocket(std::make_shared<Handler>(*this, socket), wanted)) {
    remove(socket->handle);
    services_.handles.forget(socket->handle);
    return VIADUX_GONE;
  }
  *out = socket->handle;
  return VIADUX_OK;
}

std::shared_ptr<HttpSockets::Socket> HttpSockets::find(const PluginInstance& plugin, viadux_handle handle) {
  const auto found = sockets_.find(handle);
  return found == sockets_.end() || found->second->plugin != &plugin ? nullptr : found->second;
}

void HttpSockets::remove(viadux_handle handle) {
  const std::lock_guard lock(mutex_);
  sockets_.erase(handle);
}

viadux_status HttpSockets::send(const PluginInstance& plugin, viadux_handle handle, std::string bytes,
                                bool is_text) {
  const std::lock_guard lock(mutex_);
  const auto socket = find(plugin, handle);
  if (!socket) return VIADUX_GONE;
  if (!socket->is_open) return VIADUX_BUSY;
  WebSocket& out = socket->socket;
  switch (is_text ? out.send_text(std::move(bytes)) : out.send_binary(std::move(bytes))) {
  case WriteResult::full:
    return VIADUX_BUSY;
  case WriteResult::gone:
    return VIADUX_GONE;
  case WriteResult::ok:
    break;
  }
  return VIADUX_OK;
}

viadux_status HttpSockets::receive(const PluginInstance& plugin, viadux_handle handle,
                                   std::uint32_t messages) {
  const std::lock_guard lock(mutex_);
  const auto socket = find(plugin, handle);
  if (!socket) return VIADUX_GONE;
  socket->socket.receive(messages);
  return VIADUX_OK;
}

viadux_status HttpSockets::close(const PluginInstance& plugin, viadux_handle handle, std::uint16_t code,
                                 std::string reason) {
  const std::lock_guard lock(mutex_);
  const auto socket = find(plugin, handle);
  if (!socket) return VIADUX_GONE;
  if (!socket->is_open) return VIADUX_BUSY;
  socket->socket.close(code, std::move(reason));
  return VIADUX_OK;
}

namespace {

HttpSockets& of(PluginInstance& plugin) {
  return static_cast<HttpInterface&>(*plugin.services().interfaces.find_own(VIADUX_HTTP)).sockets();
}

bool on_control(PluginInstance& plugin) {
  if (plugin.services().loop.on_control_thread()) return true;
  plugin.fault(PluginFault::misuse, VIADUX_HTTP);
  return false;
}

// No fault: a client may leave at any time.
viadux_status counted(PluginInstance& plugin, viadux_status status) {
  if (status == VIADUX_GONE) ++plugin.counters().stale_handles;
  return status;
}

// A plugin of an earlier version hands over a shorter struct: what it lacks reads as absent.
template <class Struct>
bool read_struct(const Struct* from, Struct& to) {
  if (!from || from->struct_size < sizeof from->struct_size) return false;
  std::memcpy(&to, from, std::min<std::size_t>(from->struct_size, sizeof to));
  return true;
}

// RFC 6455, 7.4: what may stand in a close frame that we send.
bool may_send_code(std::uint32_t code) {
  const bool by_standard = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
  return by_standard || (code >= 3000 && code <= 4999);
}

// A subprotocol goes into a header.
bool is_word(std::string_view text) {
  return text.size() <= 64 && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

viadux_status socket_accept(viadux_context* context, viadux_handle id, const viadux_socket_options* options,
                            const viadux_socket_events* events, void* arg, viadux_handle* socket) {
  PluginInstance& plugin = *context->instance;
  viadux_socket_options wanted{};
  viadux_socket_events told{};
  const bool readable = (!options || read_struct(options, wanted)) && read_struct(events, told) && socket &&
                        is_word(to_view(wanted.subprotocol));
  if (!on_control(plugin) || !readable) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).accept(plugin, id, wanted, told, arg, socket));
}

viadux_status socket_send(viadux_context* context, viadux_handle socket, uint32_t is_text,
                          viadux_text bytes) {
  PluginInstance& plugin = *context->instance;
  if (is_text != 0 && !detail::is_utf8(to_view(bytes))) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).send(plugin, socket, std::string(to_view(bytes)), is_text != 0));
}

viadux_status socket_receive(viadux_context* context, viadux_handle socket, uint32_t messages) {
  PluginInstance& plugin = *context->instance;
  return counted(plugin, of(plugin).receive(plugin, socket, messages));
}

viadux_status socket_close(viadux_context* context, viadux_handle socket, uint32_t code, viadux_text reason) {
  PluginInstance& plugin = *context->instance;
  const bool sendable = may_send_code(code) && reason.size <= reason_max && detail::is_utf8(to_view(reason));
  if (!on_control(plugin) || !sendable) return VIADUX_BAD_ARGUMENT;
  const auto number = static_cast<std::uint16_t>(code);
  return counted(plugin, of(plugin).close(plugin, socket, number, std::string(to_view(reason))));
}

} // namespace

void HttpSockets::fill(viadux_http& table) {
  table.socket = &socket_accept;
  table.send = &socket_send;
  table.receive = &socket_receive;
  table.close_socket = &socket_close;
}

} // namespace viadux
