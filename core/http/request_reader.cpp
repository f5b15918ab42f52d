#include "core/http/request_reader.hpp"

#include "core/http/text.hpp"

#include <algorithm>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>

namespace viadux {
namespace http = boost::beast::http;

namespace {
constexpr std::size_t request_line_rest = 32; // method, version, blanks and line end

// Beast (1.81) asserts that it gets the last chunk in five bytes or more, which are what the shortest one
// has: "0", its line end, and the empty line.
bool begins_last_chunk(std::string_view rest) {
  return rest.size() < 5 && rest.starts_with("0\r\n");
}

// Beast's body concept. Grows with what comes: its string_body reserves what a stranger says will come.
struct TextBody {
  using value_type = std::string; // NOLINT(readability-identifier-naming): Beast wants these names
  class reader {                  // NOLINT(readability-identifier-naming)
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>& /*head*/, std::string& text) : text_(text) {}
    void init(const boost::optional<std::uint64_t>& /*length*/, boost::beast::error_code& error) {
      error = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      error = {};
      std::size_t size = 0;
      for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
        text_.append(static_cast<const char*>(buffer.data()), buffer.size());
        size += buffer.size();
      }
      return size;
    }
    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    std::string& text_;
  };
};
} // namespace

struct RequestReader::Parser {
  http::request_parser<TextBody> parser;
};

RequestReader::RequestReader(const HttpLimits& limits) : limits_(limits) {
  reset();
}
RequestReader::~RequestReader() = default;

void RequestReader::reset() {
  parser_ = std::make_unique<Parser>();
  parser_->parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser_->parser.body_limit(boost::none); // until the route is known: read_body()
  parser_->parser.eager(false);
  state_ = State::need_head;
  started_ = line_done_ = false;
  error_status_ = 0;
  request_ = {};
  target_ = {};
  keep_alive_ = true;
  http10_ = has_body_ = expects_continue_ = false;
}

RequestReader::State RequestReader::fail(int status, const char* detail) {
  error_status_ = status;
  error_detail_ = detail;
  keep_alive_ = false;
  return state_ = State::failed;
}

RequestReader::State RequestReader::feed(std::string& buffer) {
  if (state_ != State::need_head && state_ != State::need_body) return state_;
  if (!started_) {
    // Empty lines before a request are to be ignored (RFC 9112, 2.2).
    buffer.erase(0, std::min(buffer.find_first_not_of("\r\n"), buffer.size()));
    if (buffer.empty()) return state_;
    started_ = true;
  }
  auto& parser = parser_->parser;
  std::size_t used = 0;
  while (used < buffer.size() && !parser.is_done()) {
    boost::beast::error_code error;
    const bool in_head = !parser.is_header_done();
    if (!line_done_ && buffer.size() > limits_.target_bytes + request_line_rest &&
        buffer.find('\n') > limits_.target_bytes + request_line_rest)
      return fail(414, "the request line is too long");
    if (!in_head && parser.chunked() && begins_last_chunk(std::string_view(buffer).substr(used))) break;
#ifdef __clang_analyzer__ // loses its way inside Beast: it reads past what it believes to be the end
    const std::size_t taken = buffer.size() - used;
#else
    const std::size_t taken =
        parser.put(boost::asio::buffer(buffer.data() + used, buffer.size() - used), error);
#endif
    used += taken;
    line_done_ = line_done_ || taken > 0;
    if (error == http::error::need_more) {
      // Chunk extensions and trailers are held to the same limit as a head.
      if (buffer.size() - used >= limits_.header_bytes)
        return in_head ? fail(431, "the head is too large") : fail(400, "a chunk's head is too large");
      break;
    }
    if (error == http::error::header_limit) return fail(431, "the head is too large");
    if (error == http::error::body_limit) return fail(413, "the body is too large");
    if (error == http::error::bad_version) return fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    if (error) return fail(400, "the request is malformed");
    if (in_head && parser.is_header_done()) {
      buffer.erase(0, used);
      return check_head();
    }
    if (taken == 0) break;
  }
  buffer.erase(0, used);
  if (!parser.is_done()) return state_;
  request_.body = std::move(parser.get().body());
  return state_ = State::complete;
}

void RequestReader::read_body(std::size_t max_body) {
  if (state_ != State::head) return;
  auto& parser = parser_->parser;
  if (const auto length = parser.content_length(); length && *length > max_body) {
    fail(413, "the body is too large");
    return;
  }
  parser.body_limit(max_body);
  parser.eager(true);
  state_ = State::need_body;
  if (parser.is_done() || !has_body_) state_ = State::complete;
}

std::string RequestReader::take_body() {
  if (state_ == State::complete) return std::exchange(request_.body, {});
  return std::exchange(parser_->parser.get().body(), {});
}

RequestReader::State RequestReader::check_head() {
  auto& message = parser_->parser.get();
  state_ = State::head;
  request_.method = std::string(message.method_string());
  request_.target = std::string(message.target());
  for (const auto& field : message)
    request_.headers.add(std::string(field.name_string()), std::string(field.value()));
  http10_ = message.version() == 10;
  keep_alive_ = message.keep_alive();
  if (message.version() != 10 && message.version() != 11)
    return fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  if (request_.target.size() > limits_.target_bytes) return fail(414, "the request target is too long");
  auto target = parse_target(request_.target);
  if (!target) return fail(400, "the request target is malformed");
  target_ = std::move(*target);
  if (!check_framing() || !check_host()) return state_;
  request_.path = target_.path;
  request_.raw_query = target_.raw_query;
  request_.query = target_.query;
  const HttpHeaders& headers = request_.headers;
  expects_continue_ = has_body_ && !http10_ && equals_ignoring_case(headers.get("Expect"), "100-continue");
  request_.is_websocket = request_.method == "GET" && !http10_ && !has_body_ &&
                          list_contains(headers.joined("Connection"), "upgrade") &&
                          equals_ignoring_case(headers.get("Upgrade"), "websocket") &&
                          headers.has("Sec-WebSocket-Key");
  return state_;
}

// Who disagrees with a proxy about where a request ends can smuggle another in it (RFC 9112, 11.2): anything
// but one plain framing is refused.
bool RequestReader::check_framing() {
  const HttpHeaders& headers = request_.headers;
  const std::string coding = headers.joined("Transfer-Encoding");
  const bool has_length = headers.has("Content-Length");
  if (!coding.empty() && (http10_ || has_length)) {
    fail(400, "Transfer-Encoding is not allowed here");
    return false;
  }
  if (!coding.empty() && !equals_ignoring_case(coding, "chunked")) {
    fail(501, "no other transfer coding than chunked is understood");
    return false;
  }
  const auto length = parser_->parser.content_length();
  has_body_ = !coding.empty() || (length && *length > 0);
  return true;
}

bool RequestReader::check_host() {
  const auto& fields = request_.headers.fields();
  const auto hosts = std::count_if(fields.begin(), fields.end(), [](const auto& field) {
    return equals_ignoring_case(field.first, "Host");
  });
  if (hosts > 1 || (hosts == 0 && !http10_)) {
    fail(400, "exactly one Host field is needed");
    return false;
  }
  const std::string_view text = target_.authority.empty() ? request_.headers.get("Host") : target_.authority;
  const auto authority = parse_authority(text);
  if (!authority) {
    fail(400, "the Host field is malformed");
    return false;
  }
  request_.host = authority->host;
  request_.host_port = authority->port;
  return true;
}

} // namespace viadux
