// RTCP of a session: what comes is sorted to incoming, slots and bandwidth; what goes is composed here.
#include "core/session/session.hpp"

#include <algorithm>

namespace viadux {
namespace {
// Seconds from 1900 to 1970: NTP's zero. Our sender reports speak of the node's media clock, which is
// monotonic; its zero does not matter to a receiver, that it never jumps does (RFC 3550 section 4).
constexpr std::int64_t epoch_us = 2'208'988'800LL * 1'000'000;

std::uint64_t ntp_now(std::int64_t now_us) {
  return rtp::us_to_ntp(now_us + epoch_us);
}
} // namespace

void Session::received_rtcp(std::span<const std::uint8_t> packet) {
  if (closed_) return;
  if (rtp::parse_rtcp(packet, *this).malformed) worker_.counting().rtcp_malformed.add();
}

void Session::on_sender_report(const rtp::SenderReport& report) {
  incoming_.on_sender_report(report, worker_.now_us());
}

OutgoingSlot* Session::slot_by_ssrc(std::uint32_t ssrc) {
  for (const auto& slot : slots_)
    if (slot && slot->ssrc() == ssrc) return slot.get();
  return nullptr;
}

void Session::on_report_blocks(std::uint32_t, std::span<const rtp::ReportBlock> blocks) {
  std::uint8_t worst = 0;
  bool ours = false;
  for (const rtp::ReportBlock& block : blocks) {
    const OutgoingSlot* slot = slot_by_ssrc(block.ssrc);
    if (slot == nullptr) continue;
    const std::int64_t rtt = rtp::round_trip_us(block, ntp_now(worker_.now_us()));
    if (rtt > 0 && rtt < 10'000'000)
      report_rtt_us_ = report_rtt_us_ == 0 ? rtt : (7 * report_rtt_us_ + rtt) / 8;
    if (!slot->is_video()) continue;
    ours = true;
    worst = std::max(worst, block.fraction_lost);
  }
  if (ours) bandwidth_.on_loss_report(worst);
}

void Session::on_bye(std::span<const std::uint32_t> ssrcs) {
  incoming_.on_bye(ssrcs);
}

void Session::on_nack(std::uint32_t media_ssrc, std::span<const std::uint16_t> sequences) {
  OutgoingSlot* slot = slot_by_ssrc(media_ssrc);
  if (slot == nullptr) return;
  worker_.counting().nacks_received.add(sequences.size());
  slot->subscription().handle_nack(sequences, worker_.now_us(), rtt_us());
}

void Session::on_pli(std::uint32_t media_ssrc) {
  OutgoingSlot* slot = slot_by_ssrc(media_ssrc);
  if (slot == nullptr) return;
  worker_.counting().key_frame_requests_in.add();
  slot->subscription().request_key_frame(worker_.now_us());
}

void Session::on_fir(std::uint32_t media_ssrc, std::uint8_t) {
  on_pli(media_ssrc);
}

void Session::on_remb(std::uint64_t bitrate_bps, std::span<const std::uint32_t>) {
  bandwidth_.on_remb(static_cast<std::int64_t>(std::min<std::uint64_t>(bitrate_bps, 1'000'000'000)));
}

void Session::on_tmmbr(std::uint32_t sender, std::span<const rtp::TmmbrEntry> entries) {
  for (const rtp::TmmbrEntry& entry : entries) {
    OutgoingSlot* slot = slot_by_ssrc(entry.ssrc);
    if (slot == nullptr) continue;
    slot->tmmbr_bps = std::clamp<std::uint64_t>(entry.bitrate_bps, 1, 1'000'000'000);
    // RFC 5104 section 4.2.2: the stream's sender tells whose limit it holds to. There is one peer, so what
    // it said last is the whole bounding set.
    std::array<std::uint8_t, 64> buffer;
    rtp::RtcpWriter rtcp(buffer);
    const rtp::TmmbrEntry held{sender, entry.bitrate_bps, entry.overhead_bytes};
    if (rtcp.tmmbn(slot->ssrc(), std::span(&held, 1))) transport(slot->transport()).send_rtcp(rtcp.packet());
  }
  // Bandwidth is shared out over the session; a stream that was given no limit counts nothing beside those
  // that were.
  std::uint64_t total_bps = 0;
  for (const auto& slot : slots_)
    if (slot) total_bps += slot->tmmbr_bps;
  if (total_bps > 0) on_remb(total_bps, {});
}

void Session::on_transport_feedback(std::uint32_t, std::span<const std::uint8_t> body) {
  if (!feedback_reader_.read(body)) {
    worker_.counting().rtcp_malformed.add();
    return;
  }
  bandwidth_.on_feedback(feedback_reader_.results());
}

void Session::send_reports() {
  const std::int64_t now_us = worker_.now_us();
  for (const auto& port : ports_) {
    std::array<rtp::ReportBlock, 31> blocks;
    const std::size_t count = incoming_.report_blocks(port->index, blocks, now_us);
    std::array<std::uint8_t, 1300> buffer;
    rtp::RtcpWriter rtcp(buffer);
    if (!rtcp.receiver_report(plan_->rtcp_ssrc, std::span(blocks).first(count))) continue;
    (void)rtcp.cname(plan_->rtcp_ssrc, plan_->cname);
    for (const auto& slot : slots_) {
      if (!slot || slot->transport() != port->index) continue;
      const auto timestamp = slot->subscription().timestamp_at(now_us);
      if (!timestamp) continue;
      rtp::SenderReport report;
      report.ssrc = slot->ssrc();
      report.ntp = ntp_now(now_us);
      report.timestamp = *timestamp;
      report.packet_count = static_cast<std::uint32_t>(slot->subscription().counters().packets);
      report.octet_count = static_cast<std::uint32_t>(slot->subscription().counters().octets);
      // What does not fit this time comes first the next: a report a second is a wish, not a promise.
      if (!rtcp.sender_report(report)) break;
      (void)rtcp.cname(report.ssrc, plan_->cname);
    }
    port->transport->send_rtcp(rtcp.packet());
  }
}

} // namespace viadux
