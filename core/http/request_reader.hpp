// Turns a connection's bytes into requests, one at a time, within the limits. No sockets: the fuzzer drives
// it.
#pragma once

#include "core/http/message.hpp"
#include "core/http/options.hpp"
#include "core/http/target.hpp"

#include <memory>
#include <string_view>

namespace viadux {

class RequestReader {
 public:
  enum class State : std::uint8_t {
    need_head = 0, // more bytes, please
    head = 1,      // the head is there: look at it, then call read_body()
    need_body = 2,
    complete = 3,
    failed = 4, // answer with error_status() and close
  };

  explicit RequestReader(const HttpLimits& limits);
  ~RequestReader();

  // Consumes from the front of `buffer` what belongs to this request.
  State feed(std::string& buffer);
  // Goes on after State::head; a body beyond `max_body` fails with 413.
  void read_body(std::size_t max_body);
  // What has come of the body since it was called last; request().body then holds nothing.
  std::string take_body();
  // Makes it ready for the next request of the connection.
  void reset();

  State state() const { return state_; }
  bool started() const { return started_; } // a byte of this request has been seen
  int error_status() const { return error_status_; }
  const char* error_detail() const { return error_detail_; }

  // After head: everything but the body, the connection's facts and the route's parameters.
  HttpRequest& request() { return request_; }
  const HttpTarget& target() const { return target_; }
  bool keep_alive() const { return keep_alive_; }
  bool http10() const { return http10_; }
  bool has_body() const { return has_body_; }
  bool expects_continue() const { return expects_continue_; }

 private:
  State fail(int status, const char* detail);
  State check_head();
  bool check_framing();
  bool check_host();

  struct Parser;
  HttpLimits limits_;
  std::unique_ptr<Parser> parser_;
  State state_ = State::need_head;
  bool started_ = false;
  bool line_done_ = false; // the request line has been parsed
  int error_status_ = 0;
  const char* error_detail_ = "";
  HttpRequest request_;
  HttpTarget target_;
  bool keep_alive_ = true;
  bool http10_ = false;
  bool has_body_ = false;
  bool expects_continue_ = false;
};

} // namespace viadux
