// Any packets in any order into a track with two subscriptions, with switches, NACKs and time in between:
// nothing is read or written out of bounds, and no sequence number is given to two packets within the window
// of a receiver.
#include "core/router/router.hpp"
#include "core/router/subscription.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <set>

using namespace viadux;
using namespace viadux::router;

namespace {

class Source final : public TrackSource {
 public:
  void request_key_frame(Track&, unsigned) override {}
};

class Checker final : public Egress {
 public:
  void send(std::span<const OutPacket> run) override {
    for (const OutPacket& packet : run) {
      const std::int64_t sequence = unwrap_(packet.sequence);
      if (!seen_.insert(sequence).second) std::abort();
      while (!seen_.empty() && *seen_.begin() < sequence - 20'000)
        seen_.erase(seen_.begin());
      write(packet);
    }
  }
  void retransmit(std::span<const OutPacket> run) override {
    for (const OutPacket& packet : run)
      write(packet);
  }

 private:
  void write(const OutPacket& packet) {
    std::array<std::uint8_t, rtp::max_packet_size + 64> out;
    if (write_packet(packet, {}, out).size == 0) std::abort();
  }
  rtp::SequenceUnwrapper unwrap_;
  std::set<std::int64_t> seen_;
};

// The input as a script: an operation, then its arguments.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool ended() const { return left_ == 0; }
  std::uint8_t byte() { return left_ == 0 ? std::uint8_t{0} : (--left_, *data_++); }
  std::uint16_t word() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8 | byte());
  }
  std::span<const std::uint8_t> bytes(std::size_t count) {
    count = std::min(count, left_);
    const std::span<const std::uint8_t> taken(data_, count);
    data_ += count;
    left_ -= count;
    return taken;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  const rtp::Codec codec = script.byte() % 2 == 0 ? rtp::Codec::vp8 : rtp::Codec::h264;
  Router router;
  Source source;
  Track track({.id = 1, .codec = codec, .packetization_mode = 1, .encodings = 3, .max_packets = 64}, source,
              router);
  std::array<Checker, 2> out;
  Subscription a({.ssrc = 1, .formats = {{codec, 96, 1}}, .first_sequence = 65'530}, out[0]);
  Subscription b({.ssrc = 2, .formats = {{codec, 97, 1}}}, out[1]);
  std::int64_t now = 1'000'000;
  a.set_track(&track, now);
  b.set_track(&track, now);
  std::array<std::uint16_t, 3> sequence{};
  while (!script.ended()) {
    const std::uint8_t operation = script.byte();
    Subscription& one = (operation & 0x80) != 0 ? a : b;
    switch (operation & 7) {
    case 0:
    case 1:
    case 2: {
      const unsigned encoding = operation & 3;
      // Mostly in order, sometimes anywhere.
      sequence[encoding] =
          (operation & 8) != 0 ? script.word() : static_cast<std::uint16_t>(sequence[encoding] + 1);
      rtp::PacketView view;
      view.sequence = sequence[encoding];
      view.timestamp = script.byte() * 3000U;
      view.marker = (operation & 16) != 0;
      view.payload = script.bytes(operation >> 3);
      track.receive(encoding, view, {}, now);
      break;
    }
    case 3:
      one.set_target({script.byte() % 4U, script.byte() % 4U}, now);
      break;
    case 4: {
      const std::array<std::uint16_t, 2> wanted{script.word(), script.word()};
      one.handle_nack(wanted, now, 30'000);
      break;
    }
    case 5:
      (operation & 8) != 0 ? one.pause() : one.resume(now);
      break;
    case 6:
      one.set_track((operation & 8) != 0 ? &track : nullptr, now);
      break;
    default:
      now += script.byte() * 1'000;
      router.flush(now);
      if ((operation & 8) != 0) router.tick(now);
      if ((operation & 16) != 0) track.on_sender_report(operation >> 6, script.word(), now);
      if ((operation & 32) != 0) one.repeat_newest(5);
    }
  }
  router.flush(now);
  return 0;
}
