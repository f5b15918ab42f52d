#include "core/mixer/picture_mix.hpp"

#include <algorithm>

namespace viadux::mixer {
namespace {

// A picture in which nothing moves is sent five times a second: receivers see that it lives, and it gets
// sharper.
constexpr std::int64_t still_every_us = 200'000;

// Between a receiver's wish for a key frame and the word that it gets this size now.
constexpr std::int64_t about_to_use_us = 1'000'000;

void add(SourceCounters& sum, const SourceCounters& more) {
  sum.decoded += more.decoded;
  sum.damaged += more.damaged;
  sum.lost += more.lost;
  sum.malformed += more.malformed;
}

} // namespace

void PictureMix::add_source(TrackId track, rtp::Codec codec, unsigned encodings,
                            std::shared_ptr<LipSync> lip_sync) {
  sources_.try_emplace(track, std::make_unique<PictureSource>(codec, encodings, std::move(lip_sync)));
}

void PictureMix::on_time(TrackId track, std::uint8_t encoding, std::uint32_t timestamp,
                         std::int64_t media_us) {
  if (const auto found = sources_.find(track); found != sources_.end())
    found->second->on_time(encoding, timestamp, media_us);
}

void PictureMix::remove_source(TrackId track) {
  const auto found = sources_.find(track);
  if (found == sources_.end()) return;
  add(gone_, found->second->counters());
  sources_.erase(found);
}

void PictureMix::put(TrackId track, const router::ChannelRecord& record,
                     std::span<const std::uint8_t> payload, std::int64_t now_us) {
  if (const auto found = sources_.find(track); found != sources_.end())
    found->second->put(record, payload, now_us);
}

void PictureMix::set_canvas(std::uint64_t id, CanvasPlan plan, std::int64_t now_us) {
  auto& canvas = canvases_[id];
  if (!canvas) canvas = std::make_unique<Canvas>(style_.canvas, font_);
  canvas->set(std::move(plan), now_us);
}

void PictureMix::add_output(TrackId track, std::uint64_t canvas, rtp::Codec codec) {
  Output& output = outputs_[track];
  output.canvas = canvas;
  output.codec = codec;
  output.steps.resize(style_.steps.size());
}

void PictureMix::set_wanted(TrackId track, bool wanted) {
  const auto found = outputs_.find(track);
  if (found == outputs_.end() || found->second.wanted == wanted) return;
  found->second.wanted = wanted;
  for (Step& step : found->second.steps) {
    step.key = true;
    step.in_use = false;
    if (!wanted) step.encoder.reset();
  }
}

void PictureMix::want_key_frame(TrackId track, std::uint8_t encoding, std::int64_t now_us) {
  const auto found = outputs_.find(track);
  if (found == outputs_.end() || encoding >= found->second.steps.size()) return;
  found->second.steps[encoding].key = true;
  found->second.steps[encoding].asked_us = now_us;
}

void PictureMix::set_in_use(TrackId track, std::uint8_t encodings) {
  const auto found = outputs_.find(track);
  if (found == outputs_.end()) return;
  for (std::size_t i = 0; i < found->second.steps.size(); ++i)
    found->second.steps[i].in_use = (encodings >> i & 1U) != 0;
}

bool PictureMix::wanted(std::uint64_t canvas) const {
  return std::ranges::any_of(
      outputs_, [&](const auto& each) { return each.second.wanted && each.second.canvas == canvas; });
}

bool PictureMix::rests() const {
  return std::ranges::none_of(outputs_, [](const auto& each) { return each.second.wanted; });
}

void PictureMix::decode(std::int64_t now_us) {
  std::map<TrackId, int> heights;
  for (const auto& [id, canvas] : canvases_)
    if (wanted(id)) canvas->add_heights(heights, effort_.small_tiles);
  fresh_.clear();
  for (auto& [track, source] : sources_) {
    const auto height = heights.find(track);
    source->set_height(height == heights.end() ? 0 : height->second);
    if (source->decode(now_us)) fresh_.push_back(track);
    if (const auto encoding = source->key_frame_wanted(now_us)) out_.ask_key_frame(track, *encoding);
  }
}

void PictureMix::tick(std::int64_t now_us) {
  decode(now_us);
  for (auto& [id, canvas] : canvases_) {
    if (!wanted(id)) continue;
    const bool changed = canvas->draw(sources_, fresh_, now_us);
    if (!canvas->has_begun()) continue; // receivers keep what they saw last rather than see nothing
    if (changed) ++counters_.composed;
    for (auto& [track, output] : outputs_) {
      if (output.canvas != id || !output.wanted) continue;
      const bool key = std::ranges::any_of(output.steps, [&](const Step& step) {
        return step.key && now_us - step.asked_us < about_to_use_us;
      });
      if (changed || key || now_us - output.sent_us >= still_every_us)
        encode(track, output, canvas->picture(), now_us);
    }
  }
}

void PictureMix::encode(TrackId track, Output& output, const Picture& picture, std::int64_t now_us) {
  output.sent_us = now_us;
  for (std::size_t i = 0; i < output.steps.size(); ++i) {
    Step& step = output.steps[i];
    if (step.in_use || now_us - step.asked_us < about_to_use_us) {
      encode_step(track, output, i, picture, now_us);
    } else if (step.encoder) {
      step.encoder.reset();
      step.key = true;
    }
  }
}

void PictureMix::encode_step(TrackId track, Output& output, std::size_t index, const Picture& picture,
                             std::int64_t now_us) {
  Step& step = output.steps[index];
  const PictureStep& wish = style_.steps[index];
  const int height = std::min<int>({wish.height, picture.height, effort_.most_height}) & ~1;
  const int width = (picture.width * height / picture.height) & ~1;
  if (!step.encoder || step.width != width || step.height != height) {
    step.width = static_cast<std::uint16_t>(width);
    step.height = static_cast<std::uint16_t>(height);
    step.encoder = VideoEncoder::create(
        output.codec, {step.width, step.height, wish.bitrate_bps, style_.fps, step.picture_id});
    step.key = true;
    if (!step.encoder) {
      ++counters_.encoder_failures;
      return;
    }
  }
  PictureView source = picture.view();
  if (width != picture.width || height != picture.height) {
    if (step.scaled.width != width || step.scaled.height != height)
      step.scaled = plain_picture(step.width, step.height, {});
    scale_into(step.scaled, {0, 0, width, height}, source, Fit::fill, {});
    source = step.scaled.view();
  }
  const Payloads& payloads = step.encoder->encode(source, now_us, step.key);
  if (step.encoder->failed()) {
    ++counters_.encoder_failures;
    step.encoder.reset(); // another one with the next picture
    return;
  }
  if (payloads.empty()) {
    ++counters_.left_out;
    return;
  }
  step.picture_id = step.encoder->next_picture_id();
  ++counters_.encoded;
  if (step.key) ++counters_.key_frames;
  step.key = false;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    PortPacket packet;
    packet.sequence = ++step.sequence;
    packet.timestamp = static_cast<std::uint32_t>(now_us * 9 / 100);
    packet.media_us = now_us;
    packet.marker = i + 1 == payloads.size();
    packet.encoding = static_cast<std::uint8_t>(index);
    packet.payload = payloads[i];
    out_.send(track, packet);
  }
}

SourceCounters PictureMix::source_counters() const {
  SourceCounters sum = gone_;
  for (const auto& [track, source] : sources_)
    add(sum, source->counters());
  return sum;
}

std::size_t PictureMix::encoders() const {
  std::size_t count = 0;
  for (const auto& [track, output] : outputs_)
    count += static_cast<std::size_t>(
        std::ranges::count_if(output.steps, [](const Step& step) { return step.encoder != nullptr; }));
  return count;
}

} // namespace viadux::mixer
