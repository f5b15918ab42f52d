// One participant's event stream (server-sent events). What the reader does not take yet waits here, up to a
// limit; then the stream is cut, and the client comes back for the full state.
#pragma once

#include <deque>
#include <viadux/http.hpp>

namespace client {

// The wire format of one event. Data is never empty: clients drop such events.
std::string format_event(std::string_view name, const viadux::Json& data);

class Feed {
 public:
  static constexpr std::size_t most_waiting_bytes = 4 * 1024 * 1024;

  // Replaces the stream before, which ends.
  void attach(std::unique_ptr<viadux::HttpStream> stream);
  bool open() const { return stream_ && !stream_->closed(); }
  // False: there is no stream, or it had to be cut.
  bool write(std::string_view text);
  // Ends the stream once all is written.
  void end();
  void cut();

 private:
  void flush();

  std::unique_ptr<viadux::HttpStream> stream_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool ending_ = false;
};

} // namespace client
