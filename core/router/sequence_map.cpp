#include "core/router/sequence_map.hpp"

#include <algorithm>

namespace viadux::router {

void SequenceMap::start(std::int64_t in) {
  count_ = 1;
  segments_[0] = {in, in - next_out_};
  highest_in_ = in - 1;
}

std::optional<std::int64_t> SequenceMap::forward(std::int64_t in) {
  if (count_ == 0) return std::nullopt;
  if (in > highest_in_) {
    highest_in_ = in;
    const std::int64_t out = in - newest().offset;
    next_out_ = out + 1;
    return out;
  }
  const std::size_t oldest = count_ > kept ? count_ - kept : 0;
  for (std::size_t i = count_; i-- > oldest;) {
    const Segment& segment = segments_[i % kept];
    if (in >= segment.first_in) return in - segment.offset;
  }
  return std::nullopt;
}

void SequenceMap::drop(std::int64_t in) {
  if (count_ == 0 || in <= highest_in_) return;
  // Numbers between the highest and this one stay free for what may still come.
  const Segment last = newest();
  next_out_ = in - last.offset;
  highest_in_ = in;
  const Segment next{in + 1, last.offset + 1};
  if (last.first_in == in) { // the packet before was left out as well: nothing is mapped by that segment
    newest() = next;
    return;
  }
  segments_[count_ % kept] = next;
  ++count_;
}

} // namespace viadux::router
