#include "core/rtp/byte_order.hpp"
#include "core/rtp/transport_feedback.hpp"

namespace viadux::rtp {
namespace {

constexpr std::int64_t delta_unit_us = 250;
constexpr std::int64_t reference_unit_us = 64'000;

enum Symbol : std::uint8_t { not_received = 0, small_delta = 1, large_delta = 2, no_time = 3 };

// Hands out the status symbols of a packet's chunks one by one.
class Chunks {
 public:
  explicit Chunks(std::span<const std::uint8_t> rest) : rest_(rest) {}

  bool next(Symbol& symbol) {
    if (left_ == 0 && !load()) return false;
    --left_;
    if (run_) {
      symbol = run_symbol_;
    } else {
      symbol = static_cast<Symbol>((vector_ >> (left_ * width_)) & ((1U << width_) - 1));
    }
    return true;
  }
  std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  bool load() {
    do {
      if (rest_.size() < 2) return false;
      const std::uint16_t chunk = load16(rest_.data());
      rest_ = rest_.subspan(2);
      run_ = (chunk & 0x8000) == 0;
      if (run_) {
        run_symbol_ = static_cast<Symbol>(chunk >> 13 & 3);
        left_ = chunk & 0x1fff;
      } else {
        width_ = (chunk & 0x4000) != 0 ? 2 : 1;
        left_ = width_ == 2 ? 7 : 14;
        vector_ = chunk & 0x3fff;
      }
    } while (left_ == 0); // an empty run is of no use, but allowed
    return true;
  }

  std::span<const std::uint8_t> rest_;
  unsigned left_ = 0;
  unsigned width_ = 1;
  bool run_ = false;
  Symbol run_symbol_ = not_received;
  std::uint16_t vector_ = 0;
};

} // namespace

bool TransportFeedbackReader::read(std::span<const std::uint8_t> body) {
  results_.clear();
  if (body.size() < 8) return false;
  const std::size_t count = load16(body.data() + 2);
  if (count == 0) return false;

  Chunks symbols(body.subspan(8));
  results_.reserve(count);
  // The base may lie before what was reported already; what follows counts on from it.
  const std::int64_t base = sequence_.peek(load16(body.data()));
  for (std::size_t i = 0; i < count; ++i) {
    Symbol symbol = not_received;
    if (!symbols.next(symbol)) return results_.clear(), false;
    PacketResult result;
    result.transport_sequence = base + static_cast<std::int64_t>(i);
    result.received = symbol != not_received;
    if (symbol == small_delta || symbol == large_delta) result.arrival_us = symbol; // replaced below
    results_.push_back(result);
  }

  auto deltas = symbols.rest();
  std::int64_t arrival = reference_.peek(load24(body.data() + 4)) * reference_unit_us;
  for (PacketResult& result : results_) {
    if (!result.arrival_us) continue;
    const std::size_t size = *result.arrival_us == small_delta ? 1 : 2;
    if (deltas.size() < size) return results_.clear(), false;
    const int delta = size == 1 ? deltas[0] : static_cast<std::int16_t>(load16(deltas.data()));
    arrival += delta * delta_unit_us;
    result.arrival_us = arrival;
    deltas = deltas.subspan(size);
  }

  // All adds up: only now does it count.
  reference_(load24(body.data() + 4));
  sequence_(load16(body.data()));
  const std::uint8_t number = body[7];
  if (last_count_) {
    const auto gap = static_cast<std::uint8_t>(number - *last_count_ - 1);
    if (gap < 128) lost_reports_ += gap; // more is one that came late
  }
  last_count_ = number;
  return true;
}

} // namespace viadux::rtp
