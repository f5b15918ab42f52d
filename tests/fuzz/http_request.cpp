// Whatever parses a request: the reader with small limits, decisions and routes. The first byte chooses how
// the rest is cut into pieces, as a network would.
#include "core/http/dispatch.hpp"
#include "core/http/text.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace viadux;

HttpRouteTable make_routes() {
  HttpRouteTable table;
  for (const char* pattern : {"/", "/whip/{alias}", "/whip/{alias}/{session}", "/app/{path...}", "/whip/all"})
    for (const char* method : {"GET", "POST"}) {
      auto route = std::make_shared<Route>();
      route->method = method;
      route->pattern = pattern;
      route->options.max_body = 64;
      route->options.cors = HttpCors{};
      if (!table.add(std::move(route))) std::abort();
    }
  return table;
}

void require(bool condition) {
  if (!condition) std::abort();
}

void check_request(const HttpRouteTable& routes, RequestReader& reader, const HttpLimits& limits) {
  HttpRequest& request = reader.request();
  const HttpDecision decision = decide(routes, request, reader.target(), limits);
  require(request.path.find('\0') == std::string::npos && is_utf8(request.path));
  require(request.path == "*" || request.path.starts_with('/'));
  require(request.target.size() <= limits.target_bytes);
  require(decision.response || decision.match.route);
  for (const auto& segment : reader.target().segments)
    require(segment != "..");
  // What we answer can never hold more than one head, whatever was asked.
  HttpHeaders headers;
  add_cors(HttpCors{.origins = {"https://a.example", "*"}}, request, headers);
  headers.add("X-Echo", std::string(request.headers.get("X-Echo")));
  headers.add("Location", request.path);
  const std::string head = format_head(200, headers, {});
  require(head.find("\r\n\r\n") == head.size() - 4);
  (void)traceparent_of(request.headers, 1);
  (void)request.bearer_token();
  (void)accepts_gzip(request.headers.joined("Accept-Encoding"));
  (void)if_none_match(request.headers.joined("If-None-Match"), "\"x\"");
  (void)parse_http_date(request.headers.get("If-Modified-Since"));
  apply_forwarding({"192.0.2.1"}, request);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const HttpRouteTable routes = make_routes();
  static const HttpLimits limits = [] {
    HttpLimits small;
    small.header_bytes = 512;
    small.target_bytes = 128;
    small.body_bytes = 128;
    return small;
  }();
  if (size == 0) return 0;
  const std::size_t piece = data[0] == 0 ? size : data[0];
  RequestReader reader(limits);
  std::string buffer;
  for (std::size_t at = 1; at < size;) {
    const std::size_t take = std::min(piece, size - at);
    buffer.append(reinterpret_cast<const char*>(data + at), take);
    at += take;
    for (bool again = true; again;) {
      again = false;
      switch (reader.feed(buffer)) {
      case RequestReader::State::head:
        check_request(routes, reader, limits);
        reader.read_body(64);
        again = true;
        break;
      case RequestReader::State::complete:
        require(reader.request().body.size() <= 64);
        again = reader.keep_alive() && !buffer.empty();
        reader.reset();
        break;
      case RequestReader::State::failed:
        require(reader.error_status() >= 400);
        return 0;
      default:
        break;
      }
    }
    // What waits for more is bounded, whatever comes.
    require(buffer.size() <= limits.header_bytes + piece);
  }
  return 0;
}
