// The C functions of "viadux.http": they check what a plugin hands in, and go on in HttpInterface.
#include "core/plugin/http_interface.hpp"
#include "core/plugin/instance.hpp"

#include <algorithm>
#include <viadux/text.hpp>

namespace viadux {
namespace {

constexpr std::size_t headers_max = 64;
constexpr std::size_t body_max = 64UL * 1024 * 1024;

HttpInterface& of(PluginInstance& plugin) {
  return static_cast<HttpInterface&>(*plugin.services().interfaces.find_own(VIADUX_HTTP));
}

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

// A line break in a value would let a plugin's input write headers of its own; the framing is the server's.
bool read_headers(const viadux_pair* pairs, std::size_t count, HttpHeaders& out) {
  if (count > headers_max || (count > 0 && !pairs)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    std::string name(to_view(pairs[i].name));
    const std::string_view value = to_view(pairs[i].value);
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const bool framing = name == "content-length" || name == "transfer-encoding" || name == "connection";
    const bool breaks =
        std::ranges::any_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    if (!is_token(name) || framing || breaks) return false;
    out.add(to_view(pairs[i].name), std::string(value));
  }
  return true;
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

viadux_status http_route(viadux_context* context, viadux_text method, viadux_text pattern,
                         viadux_http_handler handler, void* arg, viadux_handle* route) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin) || !handler || !route) return VIADUX_BAD_ARGUMENT;
  if (plugin.closing()) return VIADUX_CANCELLED;
  return of(plugin).route(plugin, std::string(to_view(method)), std::string(to_view(pattern)), std::nullopt,
                          handler, arg, route);
}

viadux_status http_route_body(viadux_context* context, viadux_text method, viadux_text pattern,
                              std::uint64_t limit, viadux_http_handler handler, void* arg,
                              viadux_handle* route) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin) || !handler || !route) return VIADUX_BAD_ARGUMENT;
  if (plugin.closing()) return VIADUX_CANCELLED;
  return of(plugin).route(plugin, std::string(to_view(method)), std::string(to_view(pattern)), limit, handler,
                          arg, route);
}

viadux_status http_body(viadux_context* context, viadux_handle id, viadux_body_bytes on_bytes, void* arg) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin)) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).body(plugin, id, on_bytes, arg));
}

viadux_status http_accept(viadux_context* context, viadux_handle id, std::uint64_t bytes) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin)) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).accept(plugin, id, bytes));
}

bool is_status(std::uint32_t status) {
  return status >= 200 && status <= 599;
}

viadux_status http_respond(viadux_context* context, viadux_handle id, std::uint32_t status,
                           const viadux_pair* headers, std::size_t count, viadux_text body) {
  PluginInstance& plugin = *context->instance;
  HttpHeaders fields;
  if (!on_control(plugin) || !is_status(status) || body.size > body_max ||
      !read_headers(headers, count, fields)) {
    return VIADUX_BAD_ARGUMENT;
  }
  return counted(plugin,
                 of(plugin).respond(plugin, id, status, std::move(fields), std::string(to_view(body))));
}

viadux_status http_respond_file(viadux_context* context, viadux_handle id, const viadux_text* folders,
                                size_t folder_count, viadux_text name, std::uint32_t status,
                                const viadux_pair* headers, size_t count, viadux_text body) {
  constexpr std::size_t folders_max = 64;
  PluginInstance& plugin = *context->instance;
  HttpFile file{{}, std::string(to_view(name))};
  HttpHeaders fields;
  if (!on_control(plugin) || !is_status(status) || body.size > body_max || folder_count > folders_max ||
      (folder_count > 0 && !folders) || !read_headers(headers, count, fields)) {
    return VIADUX_BAD_ARGUMENT;
  }
  for (std::size_t i = 0; i < folder_count; ++i)
    file.folders.emplace_back(to_view(folders[i]));
  return counted(plugin, of(plugin).respond(plugin, id, status, std::move(fields), std::string(to_view(body)),
                                            std::move(file)));
}

viadux_status http_stream(viadux_context* context, viadux_handle id, std::uint32_t status,
                          const viadux_pair* headers, std::size_t count, viadux_stream_credit on_credit,
                          void* arg, viadux_handle* stream) {
  PluginInstance& plugin = *context->instance;
  HttpHeaders fields;
  if (!on_control(plugin) || !is_status(status) || !stream || !read_headers(headers, count, fields)) {
    return VIADUX_BAD_ARGUMENT;
  }
  return counted(plugin, of(plugin).stream(plugin, id, status, std::move(fields), on_credit, arg, stream));
}

viadux_status http_write(viadux_context* context, viadux_handle stream, viadux_text bytes) {
  PluginInstance& plugin = *context->instance;
  return counted(plugin, of(plugin).write(plugin, stream, std::string(to_view(bytes))));
}

viadux_status http_end(viadux_context* context, viadux_handle stream) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin)) return VIADUX_BAD_ARGUMENT;
  return counted(plugin, of(plugin).end(plugin, stream));
}

viadux_status http_files(viadux_context* context, viadux_text prefix, viadux_handle* route) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin) || !route) return VIADUX_BAD_ARGUMENT;
  if (plugin.closing()) return VIADUX_CANCELLED;
  return of(plugin).files(plugin, std::string(to_view(prefix)), route);
}

viadux_status http_file(viadux_context* context, viadux_text pattern, viadux_text name,
                        viadux_handle* route) {
  PluginInstance& plugin = *context->instance;
  if (!on_control(plugin) || !route) return VIADUX_BAD_ARGUMENT;
  if (plugin.closing()) return VIADUX_CANCELLED;
  const std::string_view file = to_view(name);
  if (file.empty() || file.find('/') != file.npos) return VIADUX_BAD_ARGUMENT;
  return of(plugin).file(plugin, std::string(to_view(pattern)), std::string(file), route);
}

} // namespace

HttpInterface::HttpInterface(HttpServer& server, PluginServices& services)
    : HostInterface(VIADUX_HTTP), server_(server), services_(services), sockets_(services) {
  table_.struct_size = sizeof table_;
  table_.route = &http_route;
  table_.respond = &http_respond;
  table_.stream = &http_stream;
  table_.write = &http_write;
  table_.end = &http_end;
  table_.files = &http_files;
  table_.file = &http_file;
  table_.respond_file = &http_respond_file;
  table_.route_body = &http_route_body;
  table_.body = &http_body;
  table_.accept = &http_accept;
  HttpSockets::fill(table_);
}

} // namespace viadux
