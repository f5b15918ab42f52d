// The packets of one encoding of one track, decrypted, as they came: what is forwarded now and what may be
// asked for again. A slot's address never changes while its packet is in the ring. [worker]
//
// Payloads lie one behind the other in slabs, so that sound and small pictures take what they need and not
// what a full packet would. The oldest slab is used anew when all in it is older than `kept_us`; memory
// follows the bit rate up at once and down after a few seconds.
#pragma once

#include "core/rtp/packet.hpp"
#include "core/rtp/payload_info.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace viadux::router {

// One packet. Written once by Track::receive(), then read by all subscriptions.
struct StoredPacket {
  std::int64_t sequence = -1; // unwrapped; -1 is an empty slot
  std::uint64_t order = 0;    // of arrival in the track
  std::int64_t arrival_us = 0;
  std::uint8_t* payload = nullptr;
  std::uint64_t slab = 0; // where the payload is: the ring's own number for it
  std::uint32_t timestamp = 0;
  std::uint16_t payload_size = 0;
  std::uint8_t encoding = 0;
  bool marker = false;
  // Extensions that mean the same to everybody and so are passed on.
  bool has_audio_level = false;
  bool has_video_orientation = false;
  bool has_playout_delay = false;
  std::uint8_t audio_level = 0;
  std::uint8_t video_orientation = 0;
  std::uint32_t playout_delay = 0;
  rtp::PayloadInfo info;
};

class PacketRing {
 public:
  static constexpr std::int64_t kept_us = 1'000'000;
  static constexpr std::size_t slab_size = 8 * 1024;

  // Nothing is allocated until the first packet. Then the ring begins with 64 slots and doubles, up to
  // `max_slots` (a power of two), while a packet younger than `kept_us` would have to go: a thumbnail's ring
  // stays small.
  explicit PacketRing(std::size_t max_slots) : max_slots_(max_slots) {}

  enum class Claim : std::uint8_t { fresh, duplicate, late };
  // A slot to write packet `sequence` into. `late` means older than anything the ring can hold.
  Claim claim(std::int64_t sequence, std::int64_t now_us, StoredPacket*& slot);
  // Gives a claimed slot's `payload` room for `size` bytes, at most rtp::max_packet_size. From here on, what
  // the slot held before is gone.
  void place(StoredPacket& slot, std::size_t size, std::int64_t now_us);

  const StoredPacket* find(std::int64_t sequence) const {
    if (slots_.empty() || sequence < 0) return nullptr;
    const StoredPacket* slot = slots_[static_cast<std::size_t>(sequence) & (slots_.size() - 1)];
    return slot->sequence == sequence && slot->slab >= oldest_slab_ ? slot : nullptr;
  }
  std::int64_t highest() const { return highest_; } // -1 before the first
  std::size_t slots() const { return slots_.size(); }
  std::size_t payload_bytes() const { return slabs_.size() * slab_size; } // of memory
  void clear(); // forgets the packets, keeps the memory

 private:
  struct Slab {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::int64_t newest_us = 0;
  };
  void grow();
  void next_slab(std::int64_t now_us);

  std::size_t max_slots_;
  std::int64_t highest_ = -1;
  std::vector<StoredPacket*> slots_; // by sequence
  std::vector<std::unique_ptr<StoredPacket[]>> chunks_;
  std::vector<Slab> slabs_;       // oldest first; the last is being filled
  std::size_t used_ = slab_size;  // of the last slab
  std::uint64_t oldest_slab_ = 0; // slabs are numbered as they are begun
};

} // namespace viadux::router
