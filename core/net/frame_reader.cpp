#include "core/net/frame_reader.hpp"

#include <cstring>

namespace viadux {

std::span<std::uint8_t> FrameReader::room() {
  if (broken_) return {};
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(buffer_).subspan(end_);
}

std::optional<std::span<std::uint8_t>> FrameReader::next() {
  while (!broken_ && end_ - begin_ >= 2) {
    const std::size_t size = static_cast<std::size_t>(buffer_[begin_]) << 8 | buffer_[begin_ + 1];
    if (size > max_frame) {
      broken_ = true;
      break;
    }
    if (end_ - begin_ < 2 + size) break;
    const auto frame = std::span(buffer_).subspan(begin_ + 2, size);
    begin_ += 2 + size;
    if (size > 0) return frame;
  }
  return std::nullopt;
}

} // namespace viadux
