// viadux/detail/http_io.hpp - the bodies behind <viadux/http.hpp>.
#pragma once

#include <cstddef>
#include <viadux/http.hpp>

namespace viadux::detail {

inline HttpRequest::Pairs copy_pairs(const viadux_pair* pairs, std::size_t count) {
  HttpRequest::Pairs copies;
  copies.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    copies.emplace_back(to_view(pairs[i].name), to_view(pairs[i].value));
  return copies;
}

inline std::vector<viadux_pair> view_pairs(const HttpRequest::Pairs& pairs) {
  std::vector<viadux_pair> views;
  views.reserve(pairs.size());
  for (const auto& [name, value] : pairs)
    views.push_back(viadux_pair{to_text(name), to_text(value)});
  return views;
}

// Of one query parameter: "%2F" and '+' (application/x-www-form-urlencoded). A broken escape stays as it is.
inline std::string decode_parameter(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

} // namespace viadux::detail

namespace viadux {

inline HttpRequest::HttpRequest(const viadux_http_request& view)
    : method(to_view(view.method)), path(to_view(view.path)), query(to_view(view.query)),
      host(to_view(view.host)), peer(to_view(view.peer)), secure(view.secure != 0),
      captures(detail::copy_pairs(view.captures, view.capture_count)),
      headers(detail::copy_pairs(view.headers, view.header_count)), body(to_view(view.body)) {}

inline std::string_view HttpRequest::bearer() const {
  static constexpr std::string_view scheme = "bearer ";
  std::string_view value = header("authorization");
  if (value.size() <= scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = value[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != scheme[i]) return {};
  }
  value.remove_prefix(scheme.size());
  return value;
}

inline std::optional<std::string> HttpRequest::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (detail::decode_parameter(pair.substr(0, equals)) != name) continue;
    return detail::decode_parameter(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

inline HttpResponse HttpResponse::problem(unsigned status, const Error& error) {
  Json body;
  body.set("type", "urn:viadux:problem:" + (error.reason.empty() ? std::string("other") : error.reason));
  body.set("title", error.message.empty() ? std::string("the request could not be served") : error.message);
  body.set("status", static_cast<std::int64_t>(status));
  if (!error.reason.empty())
    body.set("reason", error.reason); // an extension member (RFC 9457 3.2), for programs
  if (!error.field.empty()) body.set("field", error.field);
  if (!error.hint.empty()) body.set("detail", error.hint);
  return of(status, "application/problem+json", body.dump());
}

inline Result<void> HttpStream::write(std::string_view bytes) {
  if (closed_) return make_error(ErrorCode::gone, "stream_closed", "the stream is closed");
  const auto status = table_->write(host_->context, handle_, to_text(bytes));
  if (status != VIADUX_OK) {
    return make_error(static_cast<ErrorCode>(status), "stream_write", "the stream did not take the bytes");
  }
  credit_ -= static_cast<std::int64_t>(bytes.size());
  return {};
}

inline void HttpStream::on_credit(void* arg, viadux_handle /*stream*/, std::uint32_t credit) noexcept {
  auto* self = static_cast<HttpStream*>(arg);
  self->credit_ += credit;
  self->closed_ = credit == 0;
  if (self->closed_) self->handle_ = 0;
  const auto callback = self->callback_; // a copy: the callback may destroy the stream
  const auto* host = self->host_;
  try {
    if (callback) callback(credit != 0);
  } catch (...) { // its author's fault, and the stream goes on
    Host(host).log(LogLevel::error, "stream_callback_threw");
  }
}

inline Result<void> HttpExchange::respond(const HttpResponse& response) const {
  const auto headers = detail::view_pairs(response.headers);
  const bool gives_files =
      table_->struct_size >= offsetof(viadux_http, respond_file) + sizeof table_->respond_file;
  if (response.file && gives_files) {
    std::vector<viadux_text> folders;
    for (const std::string& folder : response.file->folders)
      folders.push_back(to_text(folder));
    const auto given = table_->respond_file(host_->context, id_, folders.data(), folders.size(),
                                            to_text(response.file->name), response.status, headers.data(),
                                            headers.size(), to_text(response.body));
    if (given == VIADUX_OK) return {};
    return make_error(static_cast<ErrorCode>(given), "not_responded", "the response was not taken");
  }
  const auto status = table_->respond(host_->context, id_, response.status, headers.data(), headers.size(),
                                      to_text(response.body));
  if (status == VIADUX_OK) return {};
  return make_error(static_cast<ErrorCode>(status), "not_responded", "the response was not taken");
}

inline std::unique_ptr<HttpStream> HttpExchange::stream(const HttpResponse& head) const {
  const auto headers = detail::view_pairs(head.headers);
  std::unique_ptr<HttpStream> stream(new HttpStream(host_, table_));
  const auto status = table_->stream(host_->context, id_, head.status, headers.data(), headers.size(),
                                     &HttpStream::on_credit, stream.get(), &stream->handle_);
  if (status == VIADUX_OK) return stream;
  stream->handle_ = 0;
  return nullptr;
}

inline std::unique_ptr<HttpBody> HttpExchange::body() const {
  if (table_->struct_size < offsetof(viadux_http, accept) + sizeof table_->accept) return nullptr;
  std::unique_ptr<HttpBody> body(new HttpBody(host_, table_, id_));
  if (table_->body(host_->context, id_, &HttpBody::came, body.get()) == VIADUX_OK) return body;
  body->end_ = HttpBody::End::cut;
  return nullptr;
}

inline void HttpBody::came(void* arg, viadux_handle /*id*/, viadux_text bytes, std::uint32_t end) noexcept {
  auto* self = static_cast<HttpBody*>(arg);
  self->end_ = static_cast<End>(end);
  const auto callback = self->callback_; // a copy: the callback may destroy the body
  const auto* host = self->host_;
  try {
    if (callback) callback(to_view(bytes), static_cast<End>(end));
  } catch (...) { // its author's fault, and the request goes on
    Host(host).log(LogLevel::error, "body_callback_threw");
  }
}

inline Result<void> Http::route(std::string_view method, std::string_view pattern, Handler handler) {
  if (!table_) return make_error(ErrorCode::unsupported, "no_http", "this host has no HTTP server");
  auto route = std::make_unique<Route>(Route{this, std::move(handler)});
  const auto status = table_->route(host_->context, to_text(method), to_text(pattern), &Http::on_request,
                                    route.get(), &route->handle);
  return keep(std::move(route), status, method, pattern);
}

inline Result<void> Http::route_body(std::string_view method, std::string_view pattern, std::uint64_t limit,
                                     Handler handler) {
  // A host of an earlier minor version has a shorter table.
  const bool streams = table_ && table_->struct_size >= offsetof(viadux_http, accept) + sizeof table_->accept;
  if (!streams)
    return make_error(ErrorCode::unsupported, "no_http_bodies", "this host hands no bodies on as they come");
  auto route = std::make_unique<Route>(Route{this, std::move(handler)});
  const auto status = table_->route_body(host_->context, to_text(method), to_text(pattern), limit,
                                         &Http::on_request, route.get(), &route->handle);
  return keep(std::move(route), status, method, pattern);
}

inline Result<void> Http::keep(std::unique_ptr<Route> route, viadux_status status, std::string_view method,
                               std::string_view pattern) {
  if (status != VIADUX_OK) {
    const std::string name = std::string(method) + " " + std::string(pattern);
    return make_error(static_cast<ErrorCode>(status), "route_refused", "the host refused the route " + name,
                      {}, "another plugin may have claimed it");
  }
  routes_.push_back(std::move(route));
  return {};
}

inline Result<void> Http::files(std::string_view prefix) {
  // A host of an earlier minor version has a shorter table.
  const bool has_files = table_ && table_->struct_size >= offsetof(viadux_http, files) + sizeof table_->files;
  if (!has_files)
    return make_error(ErrorCode::unsupported, "no_http_files", "this host serves no files of plugins");
  viadux_handle route = 0;
  const auto status = table_->files(host_->context, to_text(prefix), &route);
  if (status == VIADUX_OK) return {};
  return make_error(static_cast<ErrorCode>(status), "files_refused",
                    "the host refused to serve this plugin's web folder under " + std::string(prefix), {},
                    "NAME/web must lie beside NAME.so, and no other plugin may have claimed the prefix");
}

inline Result<void> Http::file(std::string_view pattern, std::string_view name) {
  const bool has_file = table_ && table_->struct_size >= offsetof(viadux_http, file) + sizeof table_->file;
  if (!has_file)
    return make_error(ErrorCode::unsupported, "no_http_files", "this host serves no files of plugins");
  viadux_handle route = 0;
  const auto status = table_->file(host_->context, to_text(pattern), to_text(name), &route);
  if (status == VIADUX_OK) return {};
  return make_error(static_cast<ErrorCode>(status), "files_refused",
                    "the host refused to serve a file of this plugin at " + std::string(pattern), {},
                    "NAME/web must lie beside NAME.so, and no other plugin may have claimed the pattern");
}

inline void Http::on_request(void* arg, viadux_handle id, const viadux_http_request* request) noexcept {
  auto* route = static_cast<Route*>(arg);
  const auto* host = route->http->host_;
  const auto* table = route->http->table_;
  const auto fail = [host, table, id](const char* what) {
    Json fields;
    fields.set("what", std::string_view(what));
    Host(host).log(LogLevel::error, "exception", fields);
    const auto error = make_error(ErrorCode::internal, "exception", "the handler of this address failed");
    const auto response = HttpResponse::problem(500, error);
    const auto headers = detail::view_pairs(response.headers);
    table->respond(host->context, id, response.status, headers.data(), headers.size(),
                   to_text(response.body));
  };
  try {
    auto task = route->handler(HttpExchange(host, table, id, *request));
    detail::spawn_with(
        std::move(task), [] {}, fail);
  } catch (const std::exception& failure) {
    fail(failure.what());
  } catch (...) {
    fail("an exception that is no std::exception");
  }
}

} // namespace viadux
