#include "bench/client/rtcp.hpp"

#include <algorithm>
#include <cstring>

namespace viadux::bench {
namespace {

enum Type : std::uint8_t {
  type_sender_report = 200,
  type_receiver_report = 201,
  type_source_description = 202,
  type_bye = 203,
  type_transport_feedback = 205,
  type_payload_feedback = 206,
};

} // namespace

std::uint8_t* RtcpWriter::append(unsigned count_or_format, unsigned type, std::size_t size) {
  const auto at = data_.size();
  data_.resize(at + size);
  store8(&data_[at], 0x80 | count_or_format);
  store8(&data_[at + 1], type);
  store16(&data_[at + 2], static_cast<unsigned>(size / 4 - 1));
  return &data_[at + 4];
}

void RtcpWriter::sender_report(std::uint32_t ssrc, std::int64_t now_us, std::uint32_t rtp_time,
                               std::uint32_t packets, std::uint32_t octets) {
  auto* at = store32(append(0, type_sender_report, 28), ssrc);
  const auto fraction = static_cast<std::uint64_t>(now_us % 1'000'000) * (1ULL << 32) / 1'000'000;
  at = store32(at, static_cast<std::uint32_t>(now_us / 1'000'000));
  at = store32(at, static_cast<std::uint32_t>(fraction));
  store32(store32(store32(at, rtp_time), packets), octets);
}

void RtcpWriter::receiver_report(std::uint32_t ssrc, const std::vector<ReportBlock>& blocks) {
  const auto n = std::min<std::size_t>(blocks.size(), 31);
  auto* at = store32(append(static_cast<unsigned>(n), type_receiver_report, 8 + n * 24), ssrc);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& block = blocks[i];
    at = store24(store8(store32(at, block.ssrc), block.fraction_lost), block.cumulative_lost);
    at = store32(store32(at, block.highest_sequence), block.jitter);
    at = store32(store32(at, block.last_sr), block.delay_since_sr);
  }
}

void RtcpWriter::cname(std::uint32_t ssrc, const std::string& name) {
  auto* at = store32(append(1, type_source_description, 4 + (4 + 2 + name.size() + 1 + 3) / 4 * 4), ssrc);
  std::ranges::copy(name, store8(store8(at, 1), static_cast<unsigned>(name.size())));
}

void RtcpWriter::pli(std::uint32_t ssrc, std::uint32_t media_ssrc) {
  store32(store32(append(1, type_payload_feedback, 12), ssrc), media_ssrc);
}

void RtcpWriter::nack(std::uint32_t ssrc, std::uint32_t media_ssrc,
                      const std::vector<std::uint16_t>& sequences) {
  std::vector<std::uint32_t> items; // RFC 4585 6.2.1: PID and a mask of the 16 after it
  for (const auto sequence : sequences) {
    const auto ahead =
        items.empty() ? 0 : seq_distance(sequence, static_cast<std::uint16_t>(items.back() >> 16));
    if (!items.empty() && ahead >= 1 && ahead <= 16)
      items.back() |= 1U << (ahead - 1);
    else
      items.push_back(std::uint32_t{sequence} << 16);
  }
  auto* at = store32(store32(append(1, type_transport_feedback, 12 + items.size() * 4), ssrc), media_ssrc);
  for (const auto item : items)
    at = store32(at, item);
}

void RtcpWriter::bye(std::uint32_t ssrc) {
  store32(append(1, type_bye, 8), ssrc);
}

bool parse_rtcp(Bytes compound, const RtcpHandler& handler) {
  while (!compound.empty()) {
    if (compound.size() < 4 || compound[0] >> 6 != 2) return false;
    const auto size = (std::size_t{load16(&compound[2])} + 1) * 4;
    if (size > compound.size()) return false;
    const auto packet = compound.first(size);
    compound = compound.subspan(size);
    const auto format = packet[0] & 31;
    const auto type = packet[1];
    if (type == type_sender_report && size >= 28 && handler.on_sender_report)
      handler.on_sender_report(load32(&packet[4]), load32(&packet[10]));
    if (size < 12 || (type != type_transport_feedback && type != type_payload_feedback)) continue;
    const auto media_ssrc = load32(&packet[8]);
    if (type == type_payload_feedback && format == 1 && handler.on_key_frame_request)
      handler.on_key_frame_request(media_ssrc);
    if (type == type_payload_feedback && format == 4 && handler.on_key_frame_request) // FIR, RFC 5104 4.3.1
      for (std::size_t at = 12; at + 8 <= size; at += 8)
        handler.on_key_frame_request(load32(&packet[at]));
    if (type == type_payload_feedback && format == 15 && size >= 20 &&
        std::memcmp(&packet[12], "REMB", 4) == 0 && handler.on_remb)
      handler.on_remb(std::uint64_t{load24(&packet[17]) & 0x3FFFF} << (packet[17] >> 2));
    if (type == type_transport_feedback && format == 1 && handler.on_nack) {
      for (std::size_t at = 12; at + 4 <= size; at += 4) {
        const auto first = load16(&packet[at]);
        const auto mask = load16(&packet[at + 2]);
        handler.on_nack(media_ssrc, first);
        for (unsigned bit = 0; bit < 16; ++bit)
          if ((mask >> bit & 1) != 0)
            handler.on_nack(media_ssrc, static_cast<std::uint16_t>(first + bit + 1));
      }
    }
    if (type == type_transport_feedback && format == 15 && handler.on_transport_feedback)
      handler.on_transport_feedback();
  }
  return true;
}

void TransportFeedback::on_packet(std::uint16_t sequence, std::int64_t now_us) {
  std::int64_t unwrapped = sequence;
  if (newest_ >= 0)
    unwrapped = newest_ + seq_distance(sequence, static_cast<std::uint16_t>(newest_));
  else
    reported_below_ = unwrapped;
  newest_ = std::max(newest_, unwrapped);
  arrivals_.push_back({unwrapped, now_us});
}

std::vector<std::uint8_t> TransportFeedback::take(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) {
  std::ranges::sort(arrivals_, {}, &Arrival::sequence);
  const auto repeated = std::ranges::unique(arrivals_, {}, &Arrival::sequence);
  arrivals_.erase(repeated.begin(), repeated.end());
  // What went missing since the last report is reported as such; what came late is reported again.
  const auto base = std::min(reported_below_, arrivals_.front().sequence);
  const auto count = std::min<std::int64_t>(arrivals_.back().sequence - base + 1, 0x7FFF);
  const auto reference = arrivals_.front().time_us / 64'000;

  std::vector<std::uint8_t> symbols(static_cast<std::size_t>(count), 0);
  std::vector<std::uint8_t> deltas;
  auto last_quarters = reference * 256; // in 250 us
  for (const auto& arrival : arrivals_) {
    const auto index = arrival.sequence - base;
    const auto quarters = arrival.time_us / 250;
    const auto delta = quarters - last_quarters;
    if (index >= count || delta < -32768 || delta > 32767) continue;
    last_quarters = quarters;
    const bool small = delta >= 0 && delta <= 255;
    symbols[static_cast<std::size_t>(index)] = small ? 1 : 2;
    if (!small) deltas.push_back(static_cast<std::uint8_t>(delta >> 8));
    deltas.push_back(static_cast<std::uint8_t>(delta));
  }
  reported_below_ = std::max(reported_below_, base + count);
  arrivals_.clear();

  const auto chunks = (symbols.size() + 6) / 7; // two-bit status vectors throughout
  const auto size = 20 + chunks * 2 + deltas.size();
  RtcpWriter writer;
  auto* at = store32(store32(writer.append(15, type_transport_feedback, (size + 3) / 4 * 4), sender_ssrc),
                     media_ssrc);
  at = store16(store16(at, static_cast<unsigned>(base)), static_cast<unsigned>(count));
  at = store8(store24(at, static_cast<unsigned>(reference)), count_++);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    unsigned bits = 0xC000;
    for (std::size_t i = 0; i < 7 && chunk * 7 + i < symbols.size(); ++i)
      bits |= static_cast<unsigned>(symbols[chunk * 7 + i]) << (12 - 2 * i);
    at = store16(at, bits);
  }
  std::ranges::copy(deltas, at);
  return std::move(writer.data());
}

} // namespace viadux::bench
