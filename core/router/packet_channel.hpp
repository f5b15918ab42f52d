// Decrypted packets from one worker to another: one bounded ring of bytes per ordered pair of workers,
// without locks. A batch becomes visible as a whole with publish(). [one producer, one consumer]
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace viadux::router {

// What goes with a packet, or a record without payload: of time, or that the track is gone.
struct ChannelRecord {
  enum class Kind : std::uint32_t { packet = 1, time = 2, end = 3 };
  std::uint32_t size = 0; // of the whole record in the ring; filled by push()
  Kind kind = Kind::packet;
  std::uint64_t track = 0;
  std::int64_t time_us = 0; // arrival, or media time
  std::uint32_t timestamp = 0;
  std::uint32_t playout_delay = 0;
  std::uint16_t sequence = 0;
  std::uint16_t payload_size = 0;
  std::uint8_t encoding = 0;
  std::uint8_t flags = 0;
  std::uint8_t audio_level = 0;
  std::uint8_t video_orientation = 0;

  static constexpr std::uint8_t marker = 1;
  static constexpr std::uint8_t has_audio_level = 2;
  static constexpr std::uint8_t has_video_orientation = 4;
  static constexpr std::uint8_t has_playout_delay = 8;
  static constexpr std::uint8_t after_gap = 16; // packets before this one found the channel full
};

class PacketChannel {
 public:
  // `bytes` is rounded up to a power of two, at least 64 KiB. The default is some 0.3 s of 100 Mbit/s.
  explicit PacketChannel(std::size_t bytes = 4U << 20);

  // [producer] False if there is no room: nothing is written then.
  bool push(ChannelRecord record, std::span<const std::uint8_t> payload);
  // [producer] Lets the consumer see what was pushed. True if it had nothing left before: wake it.
  bool publish();

  // [consumer] Calls `take(record, payload)` for at most `limit` records; the payload is valid during the
  // call. Returns how many.
  template <class Take>
  std::size_t drain(Take&& take, std::size_t limit = SIZE_MAX) {
    std::size_t taken = 0;
    ChannelRecord record;
    std::span<const std::uint8_t> payload;
    while (taken < limit && front(record, payload)) {
      take(record, payload);
      pop(record);
      ++taken;
    }
    return taken;
  }

 private:
  bool front(ChannelRecord& record, std::span<const std::uint8_t>& payload);
  void pop(const ChannelRecord& record);

  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t written_ = 0; // [producer] ahead of tail_ by what is not published
  std::size_t head_seen_ = 0;
  alignas(64) std::atomic<std::size_t> tail_{0};
  alignas(64) std::atomic<std::size_t> head_{0};
};

} // namespace viadux::router
