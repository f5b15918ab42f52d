#include "core/router/fan_out.hpp"

#include "core/router/router.hpp"
#include "core/router/subscription.hpp"

#include <algorithm>

namespace viadux::router {

FanOut::FanOut(Track& track, PacketChannel& channel) : track_(track), channel_(channel) {
  track_.add_tap(*this);
}

FanOut::~FanOut() {
  track_.remove_tap(*this);
}

void FanOut::apply(const TrackFeedback& message, std::int64_t now_us) {
  switch (message.kind) {
  case TrackFeedback::Kind::key_frame:
    track_.request_key_frame(message.encoding, now_us);
    break;
  case TrackFeedback::Kind::share:
    share_bps_ = message.share_bps;
    break;
  case TrackFeedback::Kind::wanted: // a fan-out is there because it is
  case TrackFeedback::Kind::unwanted:
  case TrackFeedback::Kind::in_use:
    break;
  }
}

void FanOut::on_run(Track& track, std::span<const StoredPacket* const> run) {
  const bool video = rtp::is_video(track.config().codec);
  for (const StoredPacket* packet : run) {
    const unsigned encoding = packet->encoding;
    if (broken_[encoding]) {
      if (!packet->info.key_frame && !packet->info.idr_without_parameters) {
        ++dropped_;
        continue;
      }
      broken_[encoding] = false;
    }
    ChannelRecord record;
    record.track = track.id();
    record.time_us = packet->arrival_us;
    record.timestamp = packet->timestamp;
    record.sequence = static_cast<std::uint16_t>(packet->sequence);
    record.encoding = packet->encoding;
    record.flags =
        static_cast<std::uint8_t>((packet->marker ? ChannelRecord::marker : 0) |
                                  (packet->has_audio_level ? ChannelRecord::has_audio_level : 0) |
                                  (packet->has_video_orientation ? ChannelRecord::has_video_orientation : 0) |
                                  (packet->has_playout_delay ? ChannelRecord::has_playout_delay : 0) |
                                  (gap_[encoding] ? ChannelRecord::after_gap : 0));
    record.audio_level = packet->audio_level;
    record.video_orientation = packet->video_orientation;
    record.playout_delay = packet->playout_delay;
    if (channel_.push(record, {packet->payload, packet->payload_size})) {
      gap_[encoding] = false;
      continue;
    }
    ++dropped_;
    gap_[encoding] = true;
    if (!video) continue; // a packet of sound stands for itself
    broken_[encoding] = true;
    track.request_key_frame(encoding, packet->arrival_us);
  }
}

void FanOut::on_time(Track& track, unsigned encoding, std::uint32_t timestamp, std::int64_t media_us) {
  ChannelRecord record;
  record.kind = ChannelRecord::Kind::time;
  record.track = track.id();
  record.time_us = media_us;
  record.timestamp = timestamp;
  record.encoding = static_cast<std::uint8_t>(encoding);
  channel_.push(record, {}); // if there is no room the next report will do
}

Replica::Replica(const TrackConfig& config, Router& router, SpscQueue<TrackFeedback>& feedback)
    : feedback_(feedback), track_(config, *this, router) {}

void Replica::receive(const ChannelRecord& record, std::span<const std::uint8_t> payload) {
  if (record.kind == ChannelRecord::Kind::time) {
    track_.on_sender_report(record.encoding, record.timestamp, record.time_us);
    return;
  }
  rtp::PacketView packet;
  packet.marker = (record.flags & ChannelRecord::marker) != 0;
  packet.sequence = record.sequence;
  packet.timestamp = record.timestamp;
  packet.payload = payload;
  rtp::ExtensionValues extensions;
  if ((record.flags & ChannelRecord::has_audio_level) != 0) extensions.audio_level = record.audio_level;
  if ((record.flags & ChannelRecord::has_video_orientation) != 0) {
    extensions.video_orientation = record.video_orientation;
  }
  if ((record.flags & ChannelRecord::has_playout_delay) != 0) extensions.playout_delay = record.playout_delay;
  track_.receive(record.encoding, packet, extensions, record.time_us);
}

void Replica::request_key_frame(Track& track, unsigned encoding) {
  // If the queue is full the track asks again: it does so until a key frame comes.
  feedback_.push({.kind = TrackFeedback::Kind::key_frame,
                  .encoding = static_cast<std::uint8_t>(encoding),
                  .track = track.id()});
}

void Replica::tick(std::uint32_t floor_bps) {
  const std::uint32_t share = track_.lowest_share_bps(floor_bps);
  if (share != told_share_bps_ &&
      feedback_.push({.kind = TrackFeedback::Kind::share, .share_bps = share, .track = track_.id()})) {
    told_share_bps_ = share;
  }
  if (track_.config().on_demand_bps == TrackConfig{}.on_demand_bps) return;
  const std::uint8_t in_use = track_.encodings_in_use();
  if (in_use != told_in_use_ &&
      feedback_.push({.kind = TrackFeedback::Kind::in_use, .encoding = in_use, .track = track_.id()}))
    told_in_use_ = in_use;
}

} // namespace viadux::router
