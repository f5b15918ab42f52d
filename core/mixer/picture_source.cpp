#include "core/mixer/picture_source.hpp"

#include "core/rtp/payload_info.hpp"

#include <algorithm>
#include <utility>

namespace viadux::mixer {
namespace {

constexpr std::int64_t alive_us = 2'000'000;
constexpr std::int64_t ask_every_us = 500'000;
constexpr unsigned patient_failures = 4; // from then on a sender is asked for key frames ever more seldom

} // namespace

PictureSource::PictureSource(rtp::Codec codec, unsigned encodings, std::shared_ptr<LipSync> lip_sync)
    : codec_(codec), count_(std::clamp(encodings, 1U, most_encodings)), lip_sync_(std::move(lip_sync)) {}

void PictureSource::on_time(std::uint8_t encoding, std::uint32_t timestamp, std::int64_t media_us) {
  if (encoding < count_) encodings_[encoding].clock.set(timestamp, media_us);
}

void PictureSource::put(const router::ChannelRecord& record, std::span<const std::uint8_t> payload,
                        std::int64_t now_us) {
  if (record.encoding >= count_ || payload.empty()) return;
  Encoding& encoding = encodings_[record.encoding];
  encoding.last_us = now_us;
  const rtp::PayloadInfo info = rtp::describe(codec_, payload);
  if (info.height != 0) encoding.height = std::min(info.width, info.height);
  if (!encoding.frames) return;
  if ((record.flags & router::ChannelRecord::has_video_orientation) != 0)
    turned_ = record.video_orientation & 3U;
  const bool marker = (record.flags & router::ChannelRecord::marker) != 0;
  if ((record.flags & router::ChannelRecord::after_gap) != 0) encoding.frames->begin_anew();
  encoding.frames->put(record.sequence, record.timestamp, marker, payload, now_us);
}

void PictureSource::set_height(int pixels) {
  if (pixels == 0 && height_ != 0) {
    for (Encoding& encoding : encodings_)
      drop(encoding);
  }
  height_ = pixels;
}

void PictureSource::drop(Encoding& encoding) {
  if (encoding.frames) {
    counters_.lost += encoding.frames->lost();
    counters_.malformed += encoding.frames->malformed();
  }
  encoding.frames.reset();
  encoding.decoder.reset();
  encoding.held.reset();
}

// Until key frames have said it: halves of 720, as browsers send them.
int PictureSource::height_of(unsigned encoding) const {
  if (encodings_[encoding].height != 0) return encodings_[encoding].height;
  return 720 >> (count_ - 1 - encoding);
}

void PictureSource::choose(std::int64_t now_us) {
  unsigned best = most_encodings;
  for (unsigned i = 0; i < count_; ++i) {
    if (now_us - encodings_[i].last_us > alive_us) continue;
    best = i;
    if (height_of(i) * 10 >= height_ * 9) break;
  }
  if (best != most_encodings) target_ = best;
  for (unsigned i = 0; i < count_; ++i) {
    if (i == target_ && !encodings_[i].frames) {
      encodings_[i].frames = std::make_unique<FrameAssembler>(codec_);
      asked_us_ = INT64_MIN / 2;
    } else if (i != target_ && i != current_ && encodings_[i].frames) {
      drop(encodings_[i]);
    }
  }
}

// Half a frame early is as good as half a frame late.
bool PictureSource::due(const Encoding& encoding, std::int64_t now_us) const {
  constexpr std::int64_t half_frame_us = 16'000;
  if (!lip_sync_ || now_us - encoding.held_since_us >= most_wait_us) return true;
  const auto delay = lip_sync_->delay_us(now_us);
  const auto captured = encoding.clock.captured_us(encoding.held->timestamp);
  return !delay || !captured || now_us >= *captured + *delay - half_frame_us;
}

bool PictureSource::decode(Encoding& encoding, std::int64_t now_us) {
  bool fresh = false;
  for (;;) {
    if (!encoding.held) {
      encoding.held = encoding.frames->next(now_us);
      encoding.held_since_us = now_us;
    }
    if (!encoding.held || !due(encoding, now_us)) break;
    const std::optional<CodedFrame> frame = std::exchange(encoding.held, std::nullopt);
    if (!encoding.decoder) encoding.decoder = VideoDecoder::create(codec_);
    if (!encoding.decoder) break;
    if (encoding.decoder->decode(*frame)) {
      ++counters_.decoded;
      fresh |= static_cast<bool>(encoding.decoder->picture());
      failures_ = 0;
      continue;
    }
    // Whatever state the decoder is in now: the next one begins without it.
    ++counters_.damaged;
    ++failures_;
    encoding.decoder.reset();
    encoding.frames->begin_anew();
  }
  return fresh && encoding.decoder && encoding.decoder->picture();
}

bool PictureSource::decode(std::int64_t now_us) {
  if (height_ == 0) return false;
  choose(now_us);
  bool fresh = false;
  if (current_ != target_ && encodings_[current_].frames) fresh = decode(encodings_[current_], now_us);
  if (decode(encodings_[target_], now_us)) {
    fresh = true;
    if (current_ != target_) drop(encodings_[current_]);
    current_ = target_;
  }
  return fresh;
}

PictureView PictureSource::picture() const {
  const auto& decoder = encodings_[current_].decoder;
  return decoder ? decoder->picture() : PictureView{};
}

std::optional<std::uint8_t> PictureSource::key_frame_wanted(std::int64_t now_us) {
  if (height_ == 0 || !encodings_[target_].frames || !encodings_[target_].frames->wants_key_frame())
    return std::nullopt;
  const unsigned doubled = std::min(failures_ > patient_failures ? failures_ - patient_failures : 0U, 4U);
  if (now_us - asked_us_ < ask_every_us << doubled) return std::nullopt;
  asked_us_ = now_us;
  return static_cast<std::uint8_t>(target_);
}

SourceCounters PictureSource::counters() const {
  SourceCounters sum = counters_;
  for (const Encoding& encoding : encodings_) {
    if (!encoding.frames) continue;
    sum.lost += encoding.frames->lost();
    sum.malformed += encoding.frames->malformed();
  }
  return sum;
}

} // namespace viadux::mixer
