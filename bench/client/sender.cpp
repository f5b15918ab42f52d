#include "bench/client/sender.hpp"

#include "bench/client/srtp.hpp"

#include <algorithm>

namespace viadux::bench {
namespace {

constexpr std::size_t history_size = 512; // packets kept per encoding, over a second at usual rates
constexpr std::int64_t audio_interval_us = 20'000;
constexpr std::int64_t audio_bps = 40'000; // what a REMB leaves for sound
constexpr std::int64_t key_frame_factor = 3;
constexpr std::int64_t min_key_distance_us = 100'000;

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

} // namespace

Sender::Sender(EventLoop& loop, Ledger& ledger, const PublishSettings& settings, std::uint32_t seed,
               SendPacket send_rtp, SendPacket send_rtcp)
    : ledger_(ledger), settings_(settings), send_rtp_(std::move(send_rtp)), send_rtcp_(std::move(send_rtcp)),
      allowed_bps_(settings.bitrate_bps), audio_timer_(loop, [this] { on_audio(); }),
      frame_timer_(loop, [this] { on_frame(); }), pace_timer_(loop, [this] { on_pace(); }) {
  std::mt19937 random(seed);
  phase_us_ = static_cast<std::int64_t>(random() % 1'000'000);
  const auto begin = [&](Encoding& encoding, bool video) {
    encoding.ssrc = static_cast<std::uint32_t>(random()) | 1;
    encoding.rtx_ssrc = static_cast<std::uint32_t>(random()) | 1;
    encoding.sequence = static_cast<std::uint16_t>(random());
    encoding.rtx_sequence = static_cast<std::uint16_t>(random());
    encoding.picture_id = static_cast<std::uint16_t>(random() & 0x7FFF);
    encoding.timestamp = static_cast<std::uint32_t>(random());
    encoding.stream = ledger_.add(video, encoding.height);
    stream_ids_.push_back(encoding.stream);
    if (video) encoding.history.resize(history_size);
  };
  if (settings_.audio) begin(audio_, false);
  if (!settings_.video) return;
  struct Shape {
    const char* rid;
    std::uint16_t width, height;
    int share; // of the whole bit rate, in parts of 100
  };
  const std::vector<Shape> shapes =
      settings_.simulcast ? std::vector<Shape>{{"h", 1280, 720, 72}, {"m", 640, 360, 22}, {"l", 320, 180, 6}}
                          : std::vector<Shape>{{"", 1280, 720, 100}};
  for (const auto& shape : shapes) {
    Encoding encoding;
    encoding.rid = shape.rid;
    encoding.width = shape.width;
    encoding.height = shape.height;
    encoding.target_bps = encoding.bitrate_bps = settings_.bitrate_bps * shape.share / 100;
    begin(encoding, true);
    video_.push_back(std::move(encoding));
  }
}

std::vector<OfferLine> Sender::offer_lines() const {
  std::vector<OfferLine> lines;
  if (settings_.audio) lines.push_back({"audio", true, audio_.ssrc, 0, {}, settings_.hears});
  if (!settings_.video) return lines;
  OfferLine line{"video", true, video_.front().ssrc, video_.front().rtx_ssrc, {}, false};
  if (settings_.simulcast)
    for (const auto& encoding : video_)
      line.rids.push_back(encoding.rid);
  lines.push_back(line);
  return lines;
}

Sender::Line Sender::line_from(const MediaLine& answered) {
  Line line;
  line.payload_type = answered.payload_type;
  line.rtx_payload_type = answered.rtx_payload_type;
  line.transport_cc = answered.extension(uri_transport_cc);
  line.mid_id = answered.extension(uri_mid);
  line.rid_id = answered.extension(uri_rid);
  line.repaired_rid_id = answered.extension(uri_repaired_rid);
  line.level_id = answered.extension(uri_audio_level);
  line.mid = answered.mid;
  const bool takes = answered.direction == "recvonly" || answered.direction == "sendrecv";
  line.agreed = !answered.rejected && takes && answered.payload_type != 0;
  return line;
}

void Sender::configure(const std::vector<MediaLine>& answered) {
  std::size_t next = 0;
  if (settings_.audio && next < answered.size()) audio_line_ = line_from(answered[next++]);
  if (!settings_.video || next >= answered.size()) return;
  video_line_ = line_from(answered[next]);
  if (!settings_.simulcast) return;
  const auto& rids = answered[next].receive_rids;
  for (auto& encoding : video_) // no a=simulcast in the answer: one encoding only (RFC 8853 5.3.2)
    encoding.taken =
        rids.empty() ? &encoding == &video_.front() : std::ranges::find(rids, encoding.rid) != rids.end();
}

void Sender::start() {
  const auto now = EventLoop::now_us();
  next_audio_us_ = now + phase_us_ % audio_interval_us; // publishers do not beat in step
  next_frame_us_ = now + phase_us_ % (1'000'000 / settings_.fps);
  if (audio_line_.agreed) audio_timer_.start_at(next_audio_us_);
  if (video_line_.agreed) frame_timer_.start_at(next_frame_us_);
}

void Sender::stop() {
  audio_timer_.cancel();
  frame_timer_.cancel();
  pace_timer_.cancel();
  planned_.clear();
}

void Sender::on_audio() {
  const auto now = EventLoop::now_us();
  audio_.timestamp += 960;
  std::array<std::uint8_t, 1275> buffer{};
  Bytes payload;
  if (settings_.speech) {
    payload = settings_.speech->frames[audio_.counter % settings_.speech->frames.size()];
    ++audio_.counter;
  } else {
    const auto out =
        std::span(buffer).first(std::clamp(settings_.audio_bytes, stamp_size + 1, buffer.size()));
    write_opus(out, {audio_.stream, audio_.counter++, audio_.frame++, now});
    payload = out;
  }
  account(audio_, now, payload.size());
  const RtpHeader header{audio_line_.payload_type, audio_.counter == 1, audio_.sequence++, audio_.timestamp,
                         audio_.ssrc};
  transmit(audio_line_, audio_, header, payload, false);
  next_audio_us_ += audio_interval_us;
  if (next_audio_us_ < now - 500'000) next_audio_us_ = now; // we were stopped for long: no flood
  audio_timer_.start_at(next_audio_us_);
}

void Sender::on_frame() {
  const auto now = EventLoop::now_us();
  while (!planned_.empty()) { // what pacing has not sent by the next frame goes now
    send_planned(planned_.front());
    planned_.pop_front();
  }
  for (std::size_t i = 0; i < video_.size(); ++i)
    plan_frame(i, now);
  const auto interval = std::int64_t{1'000'000} / settings_.fps;
  if (settings_.paced && !planned_.empty()) {
    pace_step_us_ = interval * 8 / 10 / static_cast<std::int64_t>(planned_.size());
    on_pace();
  } else {
    for (const auto& planned : planned_)
      send_planned(planned);
    planned_.clear();
  }
  next_frame_us_ += interval;
  if (next_frame_us_ < now - 500'000) next_frame_us_ = now;
  frame_timer_.start_at(next_frame_us_);
}

void Sender::plan_frame(std::size_t index, std::int64_t now_us) {
  auto& encoding = video_[index];
  encoding.timestamp += 90'000U / static_cast<unsigned>(settings_.fps);
  if (!encoding.taken || encoding.bitrate_bps <= 0) return;
  const bool due = now_us - encoding.last_key_us >= std::int64_t{settings_.key_interval_s} * 1'000'000;
  const bool key = due || (encoding.key_wanted && now_us - encoding.last_key_us >= min_key_distance_us);
  if (key) {
    encoding.last_key_us = now_us;
    encoding.key_wanted = false;
  }
  const auto frame_bytes = encoding.bitrate_bps / 8 / settings_.fps * (key ? key_frame_factor : 1);
  const auto count = std::max<std::size_t>(
      1, (static_cast<std::size_t>(frame_bytes) + settings_.packet_bytes - 1) / settings_.packet_bytes);
  const auto bytes =
      std::clamp(static_cast<std::size_t>(frame_bytes) / count, min_payload, settings_.packet_bytes);
  encoding.picture_id = (encoding.picture_id + 1) & 0x7FFF;
  for (std::size_t i = 0; i < count; ++i)
    planned_.push_back({index,
                        {key, i == 0, encoding.picture_id, encoding.width, encoding.height},
                        encoding.timestamp,
                        encoding.frame,
                        bytes,
                        i + 1 == count});
  ++encoding.frame;
}

void Sender::on_pace() {
  if (planned_.empty()) return; // the next frame came first and took what was left
  send_planned(planned_.front());
  planned_.pop_front();
  if (!planned_.empty()) pace_timer_.start_at(EventLoop::now_us() + pace_step_us_);
}

void Sender::send_planned(const Planned& planned) {
  auto& encoding = video_[planned.encoding];
  auto& kept = encoding.history[encoding.sequence % history_size];
  kept.header = {video_line_.payload_type, planned.marker, encoding.sequence++, planned.timestamp,
                 encoding.ssrc};
  kept.payload.resize(planned.bytes);
  const auto now = EventLoop::now_us();
  write_vp8(kept.payload, planned.layer, {encoding.stream, encoding.counter++, planned.frame, now});
  account(encoding, now, planned.bytes);
  transmit(video_line_, encoding, kept.header, kept.payload, false);
}

void Sender::account(Encoding& encoding, std::int64_t now_us, std::size_t bytes) {
  auto& sent = ledger_.streams[encoding.stream];
  ++sent.packets;
  if (ledger_.window.contains(now_us)) ++sent.in_window;
  ++encoding.packets;
  encoding.octets += static_cast<std::uint32_t>(bytes);
}

void Sender::transmit(const Line& line, Encoding& encoding, const RtpHeader& header, Bytes payload,
                      bool rtx) {
  std::array<std::uint8_t, max_datagram + srtp_trailer> packet; // NOLINT: filled below
  RtpBuilder builder(packet.data(), header);
  std::array<std::uint8_t, 2> number{};
  store16(number.data(), transport_sequence_);
  if (line.transport_cc != 0) {
    ++transport_sequence_;
    builder.extension(line.transport_cc, number);
  }
  builder.extension(line.mid_id, bytes_of(line.mid));
  if (!encoding.rid.empty())
    builder.extension(rtx ? line.repaired_rid_id : line.rid_id, bytes_of(encoding.rid));
  const bool voice = !settings_.speech || settings_.speech->voice;
  const std::uint8_t loudness = settings_.speech ? settings_.speech->level : settings_.audio_level;
  const std::array<std::uint8_t, 1> level{
      static_cast<std::uint8_t>((voice ? 0x80 : 0) | loudness)}; // RFC 6464
  builder.extension(line.level_id, level);
  send_rtp_(packet.data(), builder.finish(payload));
}

void Sender::on_nack(std::uint32_t ssrc, std::uint16_t sequence) {
  for (auto& encoding : video_) {
    if (encoding.ssrc != ssrc) continue;
    const auto& kept = encoding.history[sequence % history_size];
    if (kept.header.sequence != sequence || kept.payload.empty()) return;
    if (video_line_.rtx_payload_type == 0) { // no RTX agreed: the packet itself again
      transmit(video_line_, encoding, kept.header, kept.payload, false);
    } else { // RFC 4588 section 4
      std::vector<std::uint8_t> payload(kept.payload.size() + 2);
      store16(payload.data(), sequence);
      std::ranges::copy(kept.payload, payload.begin() + 2);
      auto header = kept.header;
      header.payload_type = video_line_.rtx_payload_type;
      header.ssrc = encoding.rtx_ssrc;
      header.sequence = encoding.rtx_sequence++;
      transmit(video_line_, encoding, header, payload, true);
    }
    ++ledger_.counters.rtx_sent;
    return;
  }
}

void Sender::on_key_frame_request(std::uint32_t ssrc) {
  ++ledger_.counters.plis_received;
  for (auto& encoding : video_)
    if (encoding.ssrc == ssrc) encoding.key_wanted = true;
}

void Sender::on_remb(std::uint64_t bitrate_bps) {
  ++ledger_.counters.rembs_received;
  const auto limit =
      bitrate_bps == 0 ? settings_.bitrate_bps : static_cast<std::int64_t>(bitrate_bps) - audio_bps;
  allowed_bps_ = std::clamp<std::int64_t>(limit, 30'000, settings_.bitrate_bps);
  divide_bitrate();
}

// The small layers are served first; one that no longer fits is switched off, as browsers do.
void Sender::divide_bitrate() {
  auto left = allowed_bps_;
  for (auto i = video_.size(); i-- > 0;) {
    auto& encoding = video_[i];
    const bool fits = video_.size() == 1 || left >= encoding.target_bps / 2;
    const auto was = encoding.bitrate_bps;
    encoding.bitrate_bps = fits ? std::min(left, encoding.target_bps) : 0;
    if (was == 0 && encoding.bitrate_bps > 0) encoding.key_wanted = true;
    left -= encoding.bitrate_bps;
  }
}

void Sender::send_reports(std::int64_t now_us) {
  const auto report = [&](const Encoding& encoding) {
    if (encoding.packets == 0) return;
    RtcpWriter writer;
    writer.sender_report(encoding.ssrc, now_us, encoding.timestamp, encoding.packets, encoding.octets);
    writer.cname(encoding.ssrc, "bench");
    auto& data = writer.data();
    const auto size = data.size();
    data.resize(size + srtp_trailer);
    send_rtcp_(data.data(), size);
  };
  report(audio_);
  for (const auto& encoding : video_)
    report(encoding);
}

} // namespace viadux::bench
