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

AudioMix::Channel& AudioMix::channel(std::string_view name) {
  const auto found = channels_.find(name);
  return found != channels_.end() ? found->second : channels_[std::string(name)];
}

// Those that nobody speaks in or listens to any more.
void AudioMix::forget_channels() {
  std::erase_if(channels_, [this](const auto& entry) {
    const Channel* channel = &entry.second;
    return !is_floor(*channel) && std::ranges::none_of(voices_, [&](const auto& voice) {
      return voice.second->channel == channel;
    }) && std::ranges::none_of(outputs_, [&](const auto& each) { return each.second.channel == channel; });
  });
}

bool AudioMix::add_voice(std::uint64_t track, std::uint64_t owner, rtp::Codec codec, std::string_view name) {
  if (voices_.contains(track) || !AudioDecoder::create(codec)) return false;
  voices_.emplace(track, std::make_unique<Source>(owner, codec, channel(name)));
  return true;
}

void AudioMix::set_channel(std::uint64_t track, std::string_view name) {
  const auto found = voices_.find(track);
  if (found == voices_.end()) return;
  found->second->channel = &channel(name);
  forget_channels();
}

void AudioMix::remove_voice(std::uint64_t track) {
  const auto found = voices_.find(track);
  if (found == voices_.end()) return;
  add(gone_, found->second->voice.counters());
  voices_.erase(found);
  forget_channels();
}

Voice* AudioMix::voice(std::uint64_t track) {
  const auto found = voices_.find(track);
  return found == voices_.end() ? nullptr : &found->second->voice;
}

void AudioMix::set_lip_sync(std::uint64_t track, std::shared_ptr<LipSync> lip_sync) {
  if (const auto found = voices_.find(track); found != voices_.end())
    found->second->lip_sync = std::move(lip_sync);
}

bool AudioMix::add_output(std::uint64_t id, std::uint64_t owner, rtp::Codec codec, std::string_view name) {
  if (!AudioEncoder::create(codec, style_.encoding)) return false;
  Output& output = outputs_[id];
  output.owner = owner;
  output.codec = codec;
  output.channel = &channel(name);
  output.ducking = output.channel->ducking;
  return true;
}

void AudioMix::remove_output(std::uint64_t id) {
  outputs_.erase(id);
  forget_channels();
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
  for (auto& [name, channel] : channels_) {
    channel.told.clear();
    channel.heard.clear();
  }
  // Where senders tell their levels, who would not be in the mix is not decoded either.
  for (auto& [track, source] : voices_)
    if (source->voice.tells_level() && source->voice.audible(now_us))
      source->channel->told.push_back(source.get());
  for (auto& [name, channel] : channels_) {
    loudest_first(channel.told);
    for (std::size_t i = 0; i < channel.told.size(); ++i)
      channel.told[i]->left_out = i >= most_voices;
  }
  for (auto& [track, source] : voices_) {
    if (source->left_out && source->voice.audible(now_us)) {
      source->voice.skip(now_us);
    } else if (source->voice.take(source->sound, now_us)) {
      if (style_.even) source->leveller.run(source->sound);
      if (!source->voice.audible(now_us)) continue;
      source->ducks = source->voice.loudness() >= 127 - ducks_minus_dbov;
      source->channel->heard.push_back(source.get());
      if (const auto delay = source->voice.delay_us(now_us); delay && source->lip_sync)
        source->lip_sync->tell(*delay, now_us);
    }
  }
  sum(floor_, now_us);
  for (auto& [name, channel] : channels_)
    if (!is_floor(channel)) sum(channel, now_us);
}

void AudioMix::sum_without(std::uint64_t owner, const Channel& channel, Frame& frame) {
  frame = channel.voices;
  for (const Source* source : channel.heard)
    if (source->owner == owner)
      for (std::size_t i = 0; i < frame_samples; ++i)
        frame[i] -= source->sound[i];
}

// By somebody else than `owner`.
bool AudioMix::ducked(const Channel& channel, std::uint64_t owner) {
  return std::ranges::any_of(
      channel.heard, [owner](const Source* source) { return source->ducks && source->owner != owner; });
}

// Once for all who listen; the floor's comes first.
void AudioMix::sum(Channel& channel, std::int64_t now_us) {
  loudest_first(channel.heard);
  channel.heard.resize(std::min(channel.heard.size(), most_voices));
  counters_.voices_mixed += channel.heard.size();
  channel.voices.fill(0);
  for (const Source* source : channel.heard)
    for (std::size_t i = 0; i < frame_samples; ++i)
      channel.voices[i] += source->sound[i];
  channel.sum = channel.voices;
  channel.limited_ready = false;
  if (is_floor(channel)) return;
  channel.ducking.step(ducked(channel, 0), now_us);
  channel.ducking.add(floor_.voices, channel.sum);
}

bool AudioMix::hears_itself(const Output& output) const {
  const auto own = [&](const Source* source) { return source->owner == output.owner; };
  return output.owner != 0 && (std::ranges::any_of(output.channel->heard, own) ||
                               (!is_floor(*output.channel) && std::ranges::any_of(floor_.heard, own)));
}

const AudioMix::Encoded& AudioMix::shared(Channel& channel, rtp::Codec codec) {
  Shared& shared = channel.shared[codec];
  if (shared.tick == tick_) {
    ++counters_.shared;
    return shared.encoded;
  }
  if (!shared.encoder) shared.encoder = AudioEncoder::create(codec, style_.encoding);
  if (!channel.limited_ready) {
    channel.limited = channel.sum;
    channel.limiter.run(channel.limited);
    channel.limited_ready = true;
  }
  if (shared.tick + 1 != tick_) shared.encoder->reset();
  shared.tick = tick_;
  shared.encoded.size = shared.encoder->encode(channel.limited, shared.encoded.payload);
  shared.encoded.minus_dbov = level_of(channel.limited);
  ++counters_.encodes;
  return shared.encoded;
}

void AudioMix::encode_alone(Output& output, Encoded& encoded) {
  Frame frame;
  sum_without(output.owner, *output.channel, frame);
  if (!is_floor(*output.channel)) {
    Frame floor;
    sum_without(output.owner, floor_, floor);
    output.ducking.add(floor, frame);
  }
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
  bool listening = false;
  Encoded own;
  for (auto& [id, output] : outputs_) {
    Channel& channel = *output.channel;
    if (!is_floor(channel)) output.ducking.step(ducked(channel, output.owner), now_us);
    if (!output.wanted) {
      output.paused = true;
      output.alone = false;
      continue;
    }
    listening = true;
    // Who has spoken in the channel it hears stays alone until the floor is as loud for the others again.
    const bool alone = hears_itself(output) || !output.ducking.as_loud_as(channel.ducking);
    if (alone) encode_alone(output, own);
    output.alone = alone;
    const Encoded& encoded = alone ? own : shared(channel, output.codec);
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
