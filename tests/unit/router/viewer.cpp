#include "router/viewer.hpp"

#include "core/rtp/packet.hpp"
#include "core/rtp/vp8.hpp"

#include <array>
#include <optional>
#include <set>

namespace viadux::router::test {

void Viewer::send(std::span<const OutPacket> run) {
  ++runs;
  for (const OutPacket& out : run) {
    std::array<std::uint8_t, rtp::max_packet_size + 64> buffer;
    const Written written = write_packet(out, {}, buffer);
    Packet packet;
    packet.bytes.assign(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(written.size));
    packet.sequence = unwrap_(out.sequence);
    packet.timestamp = out.timestamp;
    packet.marker = out.marker;
    packet.padding = out.source == nullptr;
    if (!packets.emplace(packet.sequence, packet).second) ++duplicates;
  }
}

void Viewer::retransmit(std::span<const OutPacket> run) {
  for (const OutPacket& out : run) {
    std::array<std::uint8_t, rtp::max_packet_size + 64> buffer;
    const Written written = write_packet(out, {}, buffer);
    repeated.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(written.size));
    repeated_sequences.push_back(out.sequence);
  }
}

std::size_t Viewer::holes() const {
  if (packets.empty()) return 0;
  const std::int64_t span = packets.rbegin()->first - packets.begin()->first + 1;
  return static_cast<std::size_t>(span) - packets.size();
}

std::string Viewer::check(bool losses) {
  struct Frame {
    Label label;
    std::uint32_t timestamp = 0;
    unsigned parts = 0;
    bool marked = false;
    std::optional<rtp::Vp8Descriptor> vp8;
  };
  std::vector<Frame> frames;
  shown.clear();
  undecodable = 0;
  if (duplicates != 0) return "a sequence number was used twice";

  for (const auto& [sequence, packet] : packets) {
    const auto view = rtp::parse(packet.bytes);
    if (!view) return "a packet is not RTP";
    if (packet.padding) {
      if (!view->payload.empty() || view->padding_size != 1) return "a filler has a payload";
      continue;
    }
    const std::string where = " at sequence number " + std::to_string(view->sequence);
    const auto d = rtp::parse_vp8(view->payload);
    if (!d) return "a bad descriptor" + where;
    const Label label = read_label(view->payload.data() + d->size + 10);
    const bool same = !frames.empty() && frames.back().label.frame == label.frame &&
                      frames.back().label.track == label.track &&
                      frames.back().label.encoding == label.encoding;
    if (!same) {
      if (!frames.empty() && static_cast<std::int32_t>(view->timestamp - frames.back().timestamp) <= 0) {
        return "the timestamp stands still or goes back" + where;
      }
      frames.push_back({label, view->timestamp, 0, false, d});
    }
    Frame& frame = frames.back();
    if (view->timestamp != frame.timestamp) return "one frame has two timestamps" + where;
    if (d->picture_id != frame.vp8->picture_id || d->tl0_pic_idx != frame.vp8->tl0_pic_idx) {
      return "one frame has two picture ids" + where;
    }
    if (label.part < frame.parts) return "a packet of a frame came twice" + where;
    ++frame.parts;
    frame.marked = packet.marker;
  }

  std::set<std::tuple<int, int, int>> decoded;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Frame& frame = frames[i];
    const Label& label = frame.label;
    const std::string where = " in frame " + std::to_string(label.frame) + " of track " +
                              std::to_string(label.track) + " encoding " + std::to_string(label.encoding);
    const bool cut = i + 1 < frames.size() && (frames[i + 1].label.encoding != label.encoding ||
                                               frames[i + 1].label.track != label.track);
    if (i > 0 && frame.vp8->picture_id_bits != 0) {
      const Frame& before = frames[i - 1];
      const int step = (frame.vp8->picture_id - before.vp8->picture_id) & 0x7fff;
      if (step == 0 || step > 1000 || (step != 1 && !losses)) {
        return "the picture id makes a step of " + std::to_string(step) + where;
      }
      const int tl0 = (frame.vp8->tl0_pic_idx - before.vp8->tl0_pic_idx) & 0xff;
      if (!losses && tl0 != (label.temporal == 0 ? 1 : 0) && frame.vp8->has_tl0_pic_idx) {
        return "TL0PICIDX makes a step of " + std::to_string(tl0) + where;
      }
    }
    const bool changed =
        i == 0 || frames[i - 1].label.encoding != label.encoding || frames[i - 1].label.track != label.track;
    if (changed && !label.key && !losses) return "a stream begins without a key frame" + where;
    bool good = frame.parts == label.parts && frame.marked;
    if (!good && !cut && !losses && i + 1 < frames.size()) return "packets are missing" + where;
    for (const std::uint16_t need : label.needs) {
      if (need != 0xffff && !decoded.contains({label.track, label.encoding, need})) good = false;
    }
    if (good) {
      decoded.insert({label.track, label.encoding, label.frame});
      shown.push_back(label);
    } else {
      ++undecodable;
      if (!losses && !cut && i + 1 < frames.size()) return "what it refers to is missing" + where;
    }
  }
  return {};
}

} // namespace viadux::router::test
