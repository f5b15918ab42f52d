#include "core/router/packet_channel.hpp"

#include <cassert>
#include <cstring>

namespace viadux::router {
namespace {

constexpr std::size_t alignment = 8;

std::size_t rounded(std::size_t size) {
  return (size + alignment - 1) / alignment * alignment;
}

} // namespace

PacketChannel::PacketChannel(std::size_t bytes) : size_(64U << 10) {
  while (size_ < bytes)
    size_ *= 2;
  bytes_ = std::unique_ptr<std::uint8_t[]>(new std::uint8_t[size_]); // pages are taken as they are used
}

bool PacketChannel::push(ChannelRecord record, std::span<const std::uint8_t> payload) {
  if (payload.size() > UINT16_MAX) return false;
  const std::size_t need = rounded(sizeof(ChannelRecord) + payload.size());
  const std::size_t at = written_ & (size_ - 1);
  // A record is never cut by the ring's end: what is left there is skipped.
  const std::size_t skip = size_ - at < need ? size_ - at : 0;
  if (written_ + skip + need - head_seen_ > size_) {
    head_seen_ = head_.load(std::memory_order_acquire);
    if (written_ + skip + need - head_seen_ > size_) return false;
  }
  if (skip != 0) {
    std::memset(bytes_.get() + at, 0, sizeof(std::uint32_t)); // size 0: go on at the start
    written_ += skip;
  }
  record.size = static_cast<std::uint32_t>(need);
  record.payload_size = static_cast<std::uint16_t>(payload.size());
  std::uint8_t* place = bytes_.get() + (written_ & (size_ - 1));
  std::memcpy(place, &record, sizeof(record));
  if (!payload.empty()) std::memcpy(place + sizeof(record), payload.data(), payload.size());
  written_ += need;
  return true;
}

bool PacketChannel::publish() {
  const std::size_t before = tail_.load(std::memory_order_relaxed);
  if (before == written_) return false;
  // Sequentially consistent against the consumer's own check: of "it saw our packets" and "we see it was
  // done", at least one is true, so no batch is left without somebody to wake for it.
  tail_.store(written_, std::memory_order_seq_cst);
  return head_.load(std::memory_order_seq_cst) == before;
}

bool PacketChannel::front(ChannelRecord& record, std::span<const std::uint8_t>& payload) {
  std::size_t head = head_.load(std::memory_order_relaxed);
  if (head == tail_.load(std::memory_order_seq_cst)) return false;
  std::uint32_t size = 0;
  std::memcpy(&size, bytes_.get() + (head & (size_ - 1)), sizeof(size));
  if (size == 0) {
    head += size_ - (head & (size_ - 1));
    head_.store(head, std::memory_order_release);
  }
  const std::uint8_t* place = bytes_.get() + (head & (size_ - 1));
  std::memcpy(&record, place, sizeof(record));
  payload = {place + sizeof(record), record.payload_size};
  return true;
}

void PacketChannel::pop(const ChannelRecord& record) {
  head_.store(head_.load(std::memory_order_relaxed) + record.size, std::memory_order_seq_cst);
}

} // namespace viadux::router
