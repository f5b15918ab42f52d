// A made-up receiver for tests: takes a slot's packets as bytes and judges the stream as a decoder would.
#pragma once

#include "core/router/egress.hpp"
#include "core/rtp/unwrap.hpp"
#include "router/publisher.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace viadux::router::test {

class Viewer final : public Egress {
 public:
  struct Packet {
    std::vector<std::uint8_t> bytes; // as first sent
    std::int64_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool marker = false;
    bool padding = false;
  };

  void send(std::span<const OutPacket> run) override;
  void retransmit(std::span<const OutPacket> run) override;

  // Sequence numbers between the first and the last that never came.
  std::size_t holes() const;
  // Reads the whole stream in the order of its numbers. Empty if it is what a decoder wants; else what is
  // wrong. Frames that lack packets are an error unless another encoding or track cuts them off, or `losses`
  // are allowed.
  std::string check(bool losses = false);

  // After check():
  std::vector<Label> shown; // frames decoded
  unsigned undecodable = 0;

  std::map<std::int64_t, Packet> packets; // by unwrapped sequence number
  std::vector<std::vector<std::uint8_t>> repeated;
  std::vector<std::uint16_t> repeated_sequences;
  std::size_t runs = 0;
  std::size_t duplicates = 0;

 private:
  rtp::SequenceUnwrapper unwrap_;
};

} // namespace viadux::router::test
