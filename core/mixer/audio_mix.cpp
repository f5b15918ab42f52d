#include "core/mixer/audio_mix.hpp"

#include <algorithm>

namespace viadux::mixer {
namespace {

constexpr int stays_by_db = 6;

void add(VoiceCounters& to, const VoiceCounters& from) {
  to.decoded += from.decoded;
  to.skipped += from.skipped;
  to.recovered += from.recovered;
  to.concealed += from.concealed;
  to.underruns += from.underruns;
  to.late += from.late;
  to.malformed += from.malformed;
}

} // namespace

bool AudioMix::add_voice(std::uint64_t track, std::uint64_t owner, rtp::Codec codec) {
  if (voices_.contains(track) || !AudioDecoder::create(codec)) return false;
  voices_.emplace(track, std::make_unique<Source>(owner, codec));
  return true;
}

void AudioMix::remove_voice(std::uint64_t track) {
  const auto found = voices_.find(track);
  if (found == voices_.end()) return;
  add(gone_, found->second->voice.counters());
  voices_.erase(found);
}

Voice* AudioMix::voice(std::uint64_t track) {
  const auto found = voices_.find(track);
  return found == voices_.end() ? nullptr : &found->second->voice;
}

void AudioMix::set_lip_sync(std::uint64_t track, std::shared_ptr<LipSync> lip_sync) {
  if (const auto found = voices_.find(track); found != voices_.end())
    found->second->lip_sync = std::move(lip_sync);
}

bool AudioMix::add_output(std::uint64_t id, std::uint64_t owner, rtp::Codec codec) {
  if (!AudioEncoder::create(codec, style_.encoding)) return false;
  Output& output = outputs_[id];
  output.owner = owner;
  output.codec = codec;
  return true;
}

void AudioMix::set_wanted(std::uint64_t id, bool wanted) {
  if (const auto found = outputs_.find(id); found != outputs_.end()) found->second.wanted = wanted;
}

// The loudest to the front; somewhat for those who are in the mix, so that none flutters in and out.
void AudioMix::loudest_first(std::vector<Source*>& sources) {
  if (sources.size() <= most_voices) return;
  std::ranges::nth_element(
      sources, sources.begin() + most_voices, std::greater<>(),
      [](const Source* source) { return source->voice.loudness() + (source->left_out ? 0 : stays_by_db); });
}

void AudioMix::collect(std::int64_t now_us) {
  // Where senders tell their levels, who would not be in the mix is not decoded either.
  told_.clear();
  for (auto& [track, source] : voices_)
    if (source->voice.tells_level() && source->voice.audible(now_us)) told_.push_back(source.get());
  loudest_first(told_);
  for (std::size_t i = 0; i < told_.size(); ++i)
    told_[i]->left_out = i >= most_voices;
  heard_.clear();
  for (auto& [track, source] : voices_) {
    if (source->left_out && source->voice.audible(now_us)) {
      source->voice.skip(now_us);
    } else if (source->voice.take(source->sound, now_us)) {
      if (style_.even) source->leveller.run(source->sound);
      if (!source->voice.audible(now_us)) continue;
      heard_.push_back(source.get());
      if (const auto delay = source->voice.delay_us(now_us); delay && source->lip_sync)
        source->lip_sync->tell(*delay, now_us);
    }
  }
  loudest_first(heard_);
  heard_.resize(std::min(heard_.size(), most_voices));
  sum_.fill(0);
  for (const Source* source : heard_)
    for (std::size_t i = 0; i < frame_samples; ++i)
      sum_[i] += source->sound[i];
  limited_ready_ = false;
}

bool AudioMix::speaks(std::uint64_t owner) const {
  return owner != 0 &&
         std::ranges::any_of(heard_, [owner](const Source* source) { return source->owner == owner; });
}

const AudioMix::Encoded& AudioMix::shared(rtp::Codec codec) {
  Shared& shared = shared_[codec];
  if (shared.tick == tick_) {
    ++counters_.shared;
    return shared.encoded;
  }
  if (!shared.encoder) shared.encoder = AudioEncoder::create(codec, style_.encoding);
  if (!limited_ready_) {
    limited_ = sum_;
    limiter_.run(limited_);
    limited_ready_ = true;
  }
  if (shared.tick + 1 != tick_) shared.encoder->reset();
  shared.tick = tick_;
  shared.encoded.size = shared.encoder->encode(limited_, shared.encoded.payload);
  shared.encoded.minus_dbov = level_of(limited_);
  ++counters_.encodes;
  return shared.encoded;
}

void AudioMix::encode_alone(Output& output, Encoded& encoded) {
  Frame frame = sum_;
  for (const Source* source : heard_)
    if (source->owner == output.owner)
      for (std::size_t i = 0; i < frame_samples; ++i)
        frame[i] -= source->sound[i];
  output.limiter.run(frame);
  if (!output.encoder) output.encoder = AudioEncoder::create(output.codec, style_.encoding);
  if (!output.alone) output.encoder->reset();
  encoded.size = output.encoder->encode(frame, encoded.payload);
  encoded.minus_dbov = level_of(frame);
  ++counters_.encodes;
}

void AudioMix::tick(std::int64_t now_us, const std::function<void(const MixPacket&)>& send) {
  ++tick_;
  collect(now_us);
  counters_.voices_mixed += heard_.size();
  bool listening = false;
  Encoded own;
  for (auto& [id, output] : outputs_) {
    if (!output.wanted) {
      output.paused = true;
      output.alone = false;
      continue;
    }
    listening = true;
    const bool alone = speaks(output.owner);
    if (alone) encode_alone(output, own);
    output.alone = alone;
    const Encoded& encoded = alone ? own : shared(output.codec);
    output.timestamp += timestamp_step(output.codec);
    if (encoded.size == 0) {
      output.paused = true;
      continue;
    }
    MixPacket packet;
    packet.output = id;
    packet.sequence = ++output.sequence;
    packet.timestamp = output.timestamp;
    packet.marker = output.paused;
    packet.minus_dbov = encoded.minus_dbov;
    packet.payload = std::span(encoded.payload).first(encoded.size);
    output.paused = false;
    send(packet);
  }
  if (listening) ++counters_.ticks;
}

std::vector<std::uint64_t> AudioMix::speakers(std::int64_t now_us, std::int64_t within_us) const {
  std::vector<std::uint64_t> owners;
  for (const auto& [track, source] : voices_)
    if (now_us - source->voice.heard_us() < within_us) owners.push_back(source->owner);
  std::ranges::sort(owners);
  owners.erase(std::ranges::unique(owners).begin(), owners.end());
  return owners;
}

VoiceCounters AudioMix::voice_counters() const {
  VoiceCounters sum = gone_;
  for (const auto& [track, source] : voices_)
    add(sum, source->voice.counters());
  return sum;
}

} // namespace viadux::mixer
