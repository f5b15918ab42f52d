#include "core/mixer/voice.hpp"

#include <algorithm>
#include <cmath>

namespace viadux::mixer {
namespace {
constexpr std::size_t conceal_at_most = 3 * frame_samples; // then silence: nobody can make up a word
constexpr std::size_t pause_after = 10 * frame_samples;    // nothing for so long: the next packet begins anew
constexpr std::int64_t jump_samples = rate_hz;             // a hole of more than a second is a jump
constexpr int shrink_after = 25;                           // ticks
constexpr std::int64_t slack_us = 30'000;
} // namespace

std::uint8_t level_of(std::span<const float> sound) {
  double sum = 0;
  for (const float sample : sound)
    sum += static_cast<double>(sample) * sample;
  if (sound.empty() || sum <= 0) return 127;
  const double dbov = 10 * std::log10(sum / static_cast<double>(sound.size()));
  return static_cast<std::uint8_t>(std::clamp(-dbov, 0.0, 127.0));
}

Voice::Voice(rtp::Codec codec)
    : clock_hz_(rtp::clock_hz(codec)), clock_(clock_hz_), decoder_(AudioDecoder::create(codec)),
      buffer_(clock_hz_), scratch_(max_packet_samples) {}

void Voice::put(std::uint16_t sequence, std::uint32_t timestamp, std::span<const std::uint8_t> payload,
                std::optional<std::uint8_t> minus_dbov, std::int64_t arrival_us) {
  if (!buffer_.put(sequence, timestamp, payload, arrival_us)) {
    ++counters_.late;
    return;
  }
  if (!minus_dbov) return;
  tells_level_ = true;
  loudness_ = static_cast<std::uint8_t>(127 - std::min<std::uint8_t>(*minus_dbov, 127));
  if (*minus_dbov <= quiet_minus_dbov) loud_us_ = arrival_us;
}

bool Voice::take(Frame& out, std::int64_t now_us) {
  if (tells_level_ && !audible(now_us)) {
    skip(now_us);
    return false;
  }
  if (!ready(now_us)) return false;
  fill();
  if (held_.size() < frame_samples) return false;
  std::copy_n(held_.begin(), frame_samples, out.begin());
  held_.erase(held_.begin(), held_.begin() + frame_samples);
  if (!tells_level_) {
    const std::uint8_t level = level_of(out);
    loudness_ = static_cast<std::uint8_t>(127 - level);
    if (level <= quiet_minus_dbov) loud_us_ = now_us;
  }
  return true;
}

std::optional<std::int64_t> Voice::delay_us(std::int64_t now_us) const {
  const auto ahead = static_cast<std::int64_t>(held_.size() + frame_samples); // of what began this frame
  const auto captured = clock_.captured_us(static_cast<std::uint32_t>(due_ - to_ticks(ahead)));
  if (!captured) return std::nullopt;
  return now_us - *captured;
}

bool Voice::ready(std::int64_t now_us) {
  if (playing_) return true;
  const JitterBuffer::Packet* first = buffer_.front();
  if (first == nullptr || first->arrival_us + buffer_.wait_us() > now_us) return false;
  playing_ = true;
  due_ = first->timestamp;
  last_sequence_ = first->sequence - 1;
  made_up_ = stretched_ = 0;
  long_ = 0;
  held_.clear();
  decoder_->reset();
  return true;
}

void Voice::skip(std::int64_t now_us) {
  playing_ = false;
  while (const JitterBuffer::Packet* first = buffer_.front()) {
    if (first->arrival_us + buffer_.wait_us() > now_us) break;
    buffer_.pop();
    ++counters_.skipped;
  }
}

void Voice::fill() {
  shrink();
  while (held_.size() < frame_samples) {
    if (next()) continue;
    // Nothing there. The packet may only be late: what is made up now stands for nothing, so that it is still
    // played.
    const std::size_t missing = (frame_samples - held_.size() + 119) / 120 * 120; // Opus conceals by 2.5 ms
    if (made_up_ == 0) ++counters_.underruns;
    if (made_up_ < conceal_at_most) {
      ++counters_.concealed;
      hold(decoder_->conceal(missing, scratch_));
    }
    if (held_.size() < frame_samples) held_.resize(frame_samples, 0.0F);
    made_up_ += missing;
    stretched_ += missing;
    if (made_up_ >= pause_after) playing_ = false;
  }
}

bool Voice::next() {
  const JitterBuffer::Packet* packet = buffer_.front();
  if (packet == nullptr) return false;
  std::int64_t hole = to_samples(packet->timestamp - due_);
  if (hole < 0 || hole > jump_samples) { // overlaps what was played, or is elsewhere altogether
    due_ = packet->timestamp;
    hole = 0;
  }
  const std::int64_t lost = packet->sequence - last_sequence_ - 1;
  if (hole > 0 && stretched_ > 0) {
    // The hole has been heard already, while we waited.
    const std::int64_t heard = std::min(hole, static_cast<std::int64_t>(stretched_));
    due_ += to_ticks(heard);
    stretched_ -= static_cast<std::size_t>(heard);
    return true;
  }
  if (hole > 0 && lost == 0) { // the sender paused
    due_ = packet->timestamp;
    return true;
  }
  if (hole > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::int64_t>(hole, frame_samples));
    const bool adjoins = hole <= static_cast<std::int64_t>(frame_samples);
    if (adjoins) {
      ++counters_.recovered;
      hold(decoder_->recover(packet->payload, piece, scratch_));
    } else if (made_up_ < conceal_at_most) {
      ++counters_.concealed;
      hold(decoder_->conceal(piece, scratch_));
    } else {
      held_.resize(held_.size() + piece, 0.0F);
    }
    made_up_ += piece;
    due_ += to_ticks(static_cast<std::int64_t>(piece));
    return true;
  }
  const std::size_t samples = decoder_->decode(packet->payload, scratch_);
  if (samples == 0) ++counters_.malformed;
  ++counters_.decoded;
  hold(samples);
  due_ = packet->timestamp + to_ticks(static_cast<std::int64_t>(samples));
  last_sequence_ = packet->sequence;
  made_up_ = 0;
  stretched_ = 0;
  buffer_.pop();
  return true;
}

void Voice::hold(std::size_t samples) {
  held_.insert(held_.end(), scratch_.begin(), scratch_.begin() + static_cast<std::ptrdiff_t>(samples));
}

// More waits than the network's unevenness asks for: one packet is decoded and thrown away.
void Voice::shrink() {
  const JitterBuffer::Packet* last = buffer_.back();
  if (last == nullptr) return;
  const std::int64_t waiting_us =
      (to_samples(last->timestamp - due_) + static_cast<std::int64_t>(held_.size())) * 1'000'000 / rate_hz;
  if (waiting_us < buffer_.wait_us() + slack_us) {
    long_ = 0;
    return;
  }
  if (++long_ < shrink_after) return;
  long_ = 0;
  const std::size_t before = held_.size();
  for (int i = 0; i < 4 && held_.size() == before; ++i)
    if (!next()) break;
  held_.resize(before);
}

} // namespace viadux::mixer
