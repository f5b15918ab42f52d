#include "core/plugin/port_inbox.hpp"

#include "core/rtp/payload_info.hpp"

namespace viadux {
namespace {

constexpr std::int64_t ask_again_us = 500'000;
constexpr std::int64_t us_per_s = 1'000'000;
// A difference of RTP times is good for 2^31; the reference follows long before.
constexpr std::int32_t follow_after = 1 << 28;

} // namespace

// `batch` is first, so that the C struct leads back to us.
struct PortInbox::Held {
  viadux_batch batch{};
  std::atomic<std::uint32_t> references = 1;
  std::shared_ptr<std::atomic<std::size_t>> held; // set when it has been given away
  std::vector<viadux_item> items;
  std::vector<std::size_t> offsets; // of the payloads in `bytes`
  std::string bytes;
};

PortInbox::PortInbox() = default;
PortInbox::~PortInbox() = default;

void PortInbox::add(TrackId track, const router::TrackConfig& config) {
  Track& entry = tracks_[track];
  entry.codec = config.codec;
  entry.encodings.assign(config.encodings, Encoding{});
  if (rtp::is_video(config.codec)) return;
  for (Encoding& encoding : entry.encodings)
    encoding.begun = true; // each packet of sound stands for itself
}

void PortInbox::remove(TrackId track) {
  tracks_.erase(track);
}

std::vector<std::pair<TrackId, std::uint8_t>> PortInbox::key_frames_due(std::int64_t now_us) {
  std::vector<std::pair<TrackId, std::uint8_t>> due;
  for (auto& [id, track] : tracks_) {
    for (std::size_t i = 0; i < track.encodings.size(); ++i) {
      Encoding& encoding = track.encodings[i];
      if (encoding.begun || now_us - encoding.asked_us < ask_again_us) continue;
      encoding.asked_us = now_us;
      due.emplace_back(id, static_cast<std::uint8_t>(i));
    }
  }
  return due;
}

const viadux_batch* PortInbox::take() {
  if (ready_.empty()) return nullptr;
  Held* held = ready_.front().release();
  ready_.pop_front();
  for (std::size_t i = 0; i < held->items.size(); ++i)
    held->items[i].payload.data = held->bytes.data() + held->offsets[i];
  held->batch.struct_size = sizeof held->batch;
  held->batch.items = {held->items.data(), static_cast<std::uint32_t>(held->items.size()),
                       sizeof(viadux_item)};
  held->held = held_;
  held_->fetch_add(1);
  return &held->batch;
}

void PortInbox::retain(const viadux_batch* batch) {
  auto* held = reinterpret_cast<Held*>(const_cast<viadux_batch*>(batch)); // NOLINT: it is the first member
  held->references.fetch_add(1, std::memory_order_relaxed);
}

void PortInbox::release(const viadux_batch* batch) {
  auto* held = reinterpret_cast<Held*>(const_cast<viadux_batch*>(batch)); // NOLINT: it is the first member
  if (held->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  held->held->fetch_sub(1);
  delete held;
}

void PortInbox::append(const viadux_item& item, std::span<const std::uint8_t> payload) {
  if (ready_.empty() || ready_.back()->items.size() == VIADUX_BATCH_LIMIT)
    ready_.push_back(std::make_unique<Held>());
  Held& held = *ready_.back();
  held.offsets.push_back(held.bytes.size());
  held.bytes.append(reinterpret_cast<const char*>(payload.data()), payload.size());
  held.items.push_back(item);
  held.items.back().payload.size = payload.size();
}

void PortInbox::tell(viadux_item_kind kind, TrackId track, std::uint8_t encoding) {
  viadux_item item{};
  item.kind = kind;
  item.track = track;
  item.encoding = encoding;
  append(item, {});
}

std::int64_t PortInbox::media_us(Encoding& encoding, rtp::Codec codec,
                                 const router::ChannelRecord& record) const {
  if (!encoding.timed) {
    encoding.timed = true;
    encoding.timestamp = record.timestamp;
    encoding.media_us = record.time_us;
  }
  const auto ticks = static_cast<std::int32_t>(record.timestamp - encoding.timestamp);
  const std::int64_t at_us =
      encoding.media_us + std::int64_t{ticks} * us_per_s / static_cast<std::int64_t>(rtp::clock_hz(codec));
  if (ticks > follow_after) {
    encoding.timestamp = record.timestamp;
    encoding.media_us = at_us;
  }
  return at_us;
}

void PortInbox::on_packet(TrackId id, const router::ChannelRecord& record,
                          std::span<const std::uint8_t> payload) {
  const auto found = tracks_.find(id);
  if (found == tracks_.end() || record.encoding >= found->second.encodings.size())
    return; // untapped meanwhile
  Track& track = found->second;
  Encoding& encoding = track.encodings[record.encoding];
  const bool key = rtp::is_video(track.codec) && rtp::describe(track.codec, payload).key_frame;
  encoding.begun |= key;
  const std::int64_t at_us = media_us(encoding, track.codec, record);
  if (!encoding.begun) return;
  using Record = router::ChannelRecord;
  const bool has_level = (record.flags & Record::has_audio_level) != 0;
  viadux_item item{};
  item.kind = VIADUX_PACKET;
  item.flags = ((record.flags & Record::marker) != 0 ? VIADUX_MARKER : 0U) | (key ? VIADUX_KEY_FRAME : 0U) |
               ((record.flags & Record::after_gap) != 0 ? VIADUX_AFTER_GAP : 0U) |
               (encoding.by_report ? VIADUX_BY_REPORT : 0U) | (has_level ? VIADUX_HAS_LEVEL : 0U);
  item.track = id;
  item.media_us = at_us;
  item.timestamp = record.timestamp;
  item.sequence = record.sequence;
  item.encoding = record.encoding;
  item.minus_dbov = has_level ? record.audio_level & 0x7f : 127;
  append(item, payload);
}

void PortInbox::on_time(TrackId id, std::uint8_t number, std::uint32_t timestamp, std::int64_t media_us) {
  const auto found = tracks_.find(id);
  if (found == tracks_.end() || number >= found->second.encodings.size()) return;
  Encoding& encoding = found->second.encodings[number];
  encoding.timed = encoding.by_report = true;
  encoding.timestamp = timestamp;
  encoding.media_us = media_us;
}

void PortInbox::on_ended(TrackId track) {
  if (tracks_.erase(track) != 0) tell(VIADUX_TRACK_ENDED, track);
}

void PortInbox::on_wanted(TrackId track, bool wanted) {
  tell(wanted ? VIADUX_WANTED : VIADUX_UNWANTED, track);
}

void PortInbox::on_key_frame_wanted(TrackId track, std::uint8_t encoding) {
  tell(VIADUX_KEY_FRAME_WANTED, track, encoding);
}

} // namespace viadux
