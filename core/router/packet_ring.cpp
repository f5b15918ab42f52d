#include "core/router/packet_ring.hpp"

#include <algorithm>

namespace viadux::router {
namespace {
constexpr std::size_t first_slots = 64;
// No more than this is kept of a stream that has become thinner; less would fetch memory for each burst anew.
constexpr std::int64_t surplus_us = 3 * PacketRing::kept_us;
} // namespace

void PacketRing::grow() {
  const std::size_t old_size = slots_.size();
  const std::size_t added = old_size == 0 ? std::min(first_slots, max_slots_) : old_size;
  const std::size_t new_size = old_size + added;
  auto chunk = std::make_unique<StoredPacket[]>(added);

  // Every packet keeps its slot; only its place in the index changes.
  std::vector<StoredPacket*> index(new_size, nullptr);
  std::size_t fresh = 0;
  for (StoredPacket* slot : slots_) {
    if (slot->sequence >= 0) index[static_cast<std::size_t>(slot->sequence) & (new_size - 1)] = slot;
  }
  std::size_t unused = 0;
  for (StoredPacket*& place : index) {
    if (place != nullptr) continue;
    while (unused < old_size && slots_[unused]->sequence >= 0)
      ++unused;
    place = unused < old_size ? slots_[unused++] : &chunk[fresh++];
  }
  slots_ = std::move(index);
  chunks_.push_back(std::move(chunk));
}

void PacketRing::next_slab(std::int64_t now_us) {
  // So many hold all that the slots can, and a run that is still to be handed on besides.
  const std::size_t most = (max_slots_ + 64) * rtp::max_packet_size / slab_size + 1;
  const bool reuse =
      !slabs_.empty() && (now_us - slabs_.front().newest_us > kept_us || slabs_.size() >= most);
  if (!reuse) {
    // Not value-initialised: a page is taken when the first packet lands in it.
    slabs_.push_back({std::unique_ptr<std::uint8_t[]>(new std::uint8_t[slab_size]), now_us});
  } else {
    std::rotate(slabs_.begin(), slabs_.begin() + 1, slabs_.end());
    ++oldest_slab_;
    if (slabs_.size() > 2 && now_us - slabs_.front().newest_us > surplus_us) {
      slabs_.erase(slabs_.begin());
      ++oldest_slab_;
    }
  }
  used_ = 0;
}

void PacketRing::place(StoredPacket& slot, std::size_t size, std::int64_t now_us) {
  if (slab_size - used_ < size) next_slab(now_us);
  slabs_.back().newest_us = now_us;
  slot.payload = slabs_.back().bytes.get() + used_;
  slot.slab = oldest_slab_ + slabs_.size() - 1;
  used_ += size;
}

PacketRing::Claim PacketRing::claim(std::int64_t sequence, std::int64_t now_us, StoredPacket*& slot) {
  if (slots_.empty()) grow();
  const auto index = [&] { return static_cast<std::size_t>(sequence) & (slots_.size() - 1); };
  if (sequence <= highest_ - static_cast<std::int64_t>(slots_.size())) return Claim::late;
  slot = slots_[index()];
  if (slot->sequence == sequence) return Claim::duplicate;
  while (slot->sequence >= 0 && now_us - slot->arrival_us < kept_us && slots_.size() < max_slots_) {
    grow();
    slot = slots_[index()];
  }
  highest_ = std::max(highest_, sequence);
  return Claim::fresh;
}

void PacketRing::clear() {
  for (StoredPacket* slot : slots_)
    slot->sequence = -1;
  highest_ = -1;
}

} // namespace viadux::router
