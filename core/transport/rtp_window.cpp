#include "core/transport/rtp_window.hpp"

#include <algorithm>

namespace viadux {

// RFC 3711 3.3.1 and appendix A.
std::uint64_t RtpWindow::index_of(std::uint16_t sequence) const {
  const auto highest = static_cast<std::uint16_t>(highest_);
  const auto ahead = static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - highest));
  if (ahead < 0 && highest_ < static_cast<std::uint64_t>(-static_cast<std::int64_t>(ahead)))
    return sequence; // before the first rollover there is nothing to go back to
  return highest_ + static_cast<std::uint64_t>(static_cast<std::int64_t>(ahead));
}

RtpWindow::Place RtpWindow::place_of(std::uint64_t index) const {
  if (index > highest_) return Place::fresh;
  if (highest_ - index >= size) return Place::too_old;
  return (passed_[index % size / 64] >> (index % 64) & 1) != 0 ? Place::passed : Place::fresh;
}

void RtpWindow::mark(std::uint64_t index) {
  if (index > highest_) {
    // What lies between belongs to the last round of the window.
    const std::uint64_t steps = std::min<std::uint64_t>(index - highest_, size);
    for (std::uint64_t i = 1; i <= steps; ++i)
      passed_[(index - steps + i) % size / 64] &= ~(1ULL << ((index - steps + i) % 64));
    highest_ = index;
  }
  passed_[index % size / 64] |= 1ULL << (index % 64);
}

RtpWindow* RtpWindows::find(std::uint32_t ssrc) {
  if (last_ < windows_.size() && windows_[last_].ssrc() == ssrc) return &windows_[last_];
  const auto found = std::find_if(windows_.begin(), windows_.end(),
                                  [ssrc](const RtpWindow& window) { return window.ssrc() == ssrc; });
  if (found == windows_.end()) return nullptr;
  last_ = static_cast<std::size_t>(found - windows_.begin());
  return &*found;
}

RtpWindow& RtpWindows::add(const RtpWindow& window) {
  last_ = windows_.size();
  windows_.push_back(window);
  return windows_.back();
}

} // namespace viadux
