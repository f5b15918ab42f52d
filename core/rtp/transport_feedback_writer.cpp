#include "core/rtp/byte_order.hpp"
#include "core/rtp/transport_feedback.hpp"

#include <algorithm>

namespace viadux::rtp {
namespace {

constexpr std::int64_t delta_unit_us = 250;
constexpr std::int64_t reference_unit_us = 64'000;
constexpr std::size_t fixed_size = 20; // RTCP header, two SSRCs, base, count, reference, number

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Collects symbols into chunks: a run where seven or more are the same, else seven symbols of two bits.
class ChunkWriter {
 public:
  explicit ChunkWriter(std::span<std::uint8_t> out) : out_(out) {}

  void add(std::uint8_t symbol) {
    if (pending_ != 0 && all_same_ && symbol != symbols_[0] && pending_ >= 7) flush_run();
    if (pending_ < symbols_.size()) symbols_[pending_] = symbol;
    all_same_ = pending_ == 0 || (all_same_ && symbol == symbols_[0]);
    ++pending_;
    if (!all_same_ && pending_ == 7) flush_vector();
    if (all_same_ && pending_ == 0x1fff) flush_run();
  }
  void finish() {
    if (pending_ == 0) return;
    if (all_same_) {
      flush_run();
    } else {
      flush_vector();
    }
  }
  std::size_t size() const { return size_; }
  // At worst one more chunk for what is pending, and one for the next symbol.
  std::size_t size_bound() const { return size_ + 4; }

 private:
  void put(std::uint16_t chunk) {
    store16(out_.data() + size_, chunk);
    size_ += 2;
    pending_ = 0;
  }
  void flush_run() { put(static_cast<std::uint16_t>((symbols_[0] << 13) | pending_)); }
  void flush_vector() {
    unsigned chunk = 0xc000;
    for (std::size_t i = 0; i < pending_; ++i)
      chunk |= unsigned{symbols_[i]} << (12 - 2 * i);
    put(static_cast<std::uint16_t>(chunk));
  }

  std::span<std::uint8_t> out_;
  std::array<std::uint8_t, 7> symbols_{};
  std::size_t pending_ = 0;
  std::size_t size_ = 0;
  bool all_same_ = true;
};

constexpr std::size_t max_deltas = 1024; // bytes; a report of 500 packets and more
constexpr std::size_t max_chunks = 512;

} // namespace

void TransportFeedbackWriter::on_packet(std::uint16_t transport_sequence, std::int64_t arrival_us) {
  const std::int64_t sequence = unwrap_(transport_sequence);
  if (!arrivals_) {
    arrivals_ = std::make_unique<std::array<std::int64_t, window>>();
    arrivals_->fill(never);
    begin_ = next_ = end_ = sequence;
  }
  if (sequence < begin_) {
    // The first packets of all may come out of order; what is older than the window is of no use to anybody.
    if (sequence < end_ - window) return;
    begin_ = sequence;
  }
  if (sequence >= end_) {
    const std::int64_t from = std::max(end_, sequence - window + 1);
    for (std::int64_t s = from; s < sequence; ++s)
      at(s) = never;
    end_ = sequence + 1;
    begin_ = std::max(begin_, end_ - window);
    next_ = std::max(next_, begin_);
    at(sequence) = arrival_us;
    return;
  }
  if (at(sequence) != never) return; // a duplicate
  at(sequence) = arrival_us;
  next_ = std::min(next_, sequence); // reported as lost: goes into the next report again
}

std::size_t TransportFeedbackWriter::write(std::int64_t now_us, std::uint32_t sender, std::uint32_t media,
                                           std::span<std::uint8_t> out) {
  // Begins with a packet that came; what was reported as lost and came too long ago is not corrected any
  // more.
  while (next_ < end_ && (at(next_) == never || (next_ < reported_ && now_us - at(next_) > back_window_us)))
    ++next_;
  if (next_ >= end_ || out.size() < fixed_size + 8) return 0;

  std::array<std::uint8_t, max_chunks> chunk_bytes;
  std::array<std::uint8_t, max_deltas> deltas;
  ChunkWriter chunks(chunk_bytes);
  std::size_t delta_size = 0;
  std::size_t count = 0;

  const std::int64_t base = next_;
  const std::int64_t reference = floor_div(at(base), reference_unit_us);
  std::int64_t last = reference * (reference_unit_us / delta_unit_us);
  for (std::int64_t s = base; s < end_ && count < 0x7ffe; ++s) {
    if (fixed_size + chunks.size_bound() + delta_size + 2 + 3 > out.size() ||
        chunks.size_bound() + 2 > max_chunks || delta_size + 2 > max_deltas) {
      break;
    }
    if (at(s) == never) {
      chunks.add(0);
      ++count;
      continue;
    }
    const std::int64_t delta = floor_div(at(s), delta_unit_us) - last;
    if (delta < INT16_MIN || delta > INT16_MAX) break; // a report of its own
    if (delta >= 0 && delta <= 255) {
      chunks.add(1);
      deltas[delta_size++] = static_cast<std::uint8_t>(delta);
    } else {
      chunks.add(2);
      store16(deltas.data() + delta_size, static_cast<std::uint16_t>(delta));
      delta_size += 2;
    }
    last += delta;
    ++count;
  }
  chunks.finish();
  next_ = base + static_cast<std::int64_t>(count);
  reported_ = std::max(reported_, next_);

  const std::size_t unpadded = fixed_size + chunks.size() + delta_size;
  const std::size_t size = (unpadded + 3) / 4 * 4;
  std::uint8_t* p = out.data();
  const std::size_t padding = size - unpadded;
  p[0] = static_cast<std::uint8_t>(0x80 | (padding != 0 ? 0x20 : 0) | 15);
  p[1] = 205;
  store16(p + 2, static_cast<std::uint16_t>(size / 4 - 1));
  store32(p + 4, sender);
  store32(p + 8, media);
  store16(p + 12, static_cast<std::uint16_t>(base));
  store16(p + 14, static_cast<std::uint16_t>(count));
  store24(p + 16, static_cast<std::uint32_t>(reference));
  p[19] = count_++;
  std::copy_n(chunk_bytes.begin(), chunks.size(), p + fixed_size);
  std::copy_n(deltas.begin(), delta_size, p + fixed_size + chunks.size());
  for (std::size_t i = unpadded; i < size; ++i)
    p[i] = 0;
  if (padding != 0) p[size - 1] = static_cast<std::uint8_t>(padding);
  return size;
}

} // namespace viadux::rtp
