#include "feed.hpp"

namespace client {

std::string format_event(std::string_view name, const viadux::Json& data) {
  std::string text = "event: " + std::string(name) + "\ndata: ";
  data.dump_to(text); // has no line breaks: the writer escapes them
  return text + "\n\n";
}

void Feed::attach(std::unique_ptr<viadux::HttpStream> stream) {
  cut();
  stream_ = std::move(stream);
  ending_ = false;
  if (!stream_) return;
  stream_->on_change([this](bool alive) {
    if (!alive) return cut();
    flush();
  });
}

void Feed::cut() {
  stream_.reset();
  waiting_.clear();
  waiting_bytes_ = 0;
}

bool Feed::write(std::string_view text) {
  if (!open() || ending_) return false;
  if (waiting_.empty()) {
    if (stream_->write(text)) return true;
    if (stream_->closed()) return cut(), false;
  }
  if (waiting_bytes_ + text.size() > most_waiting_bytes) return cut(), false;
  waiting_.emplace_back(text);
  waiting_bytes_ += text.size();
  return true;
}

void Feed::flush() {
  while (open() && !waiting_.empty()) {
    if (!stream_->write(waiting_.front())) return;
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
  }
  if (ending_) cut();
}

void Feed::end() {
  ending_ = true;
  if (waiting_.empty()) cut();
}

} // namespace client
