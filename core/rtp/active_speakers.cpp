#include "core/rtp/active_speakers.hpp"

#include <algorithm>

namespace viadux::rtp {
namespace {

constexpr std::uint8_t sound_below_dbov = 70; // louder than -70 dBov is activity
constexpr std::int64_t heard_us = 1'000'000;

constexpr std::size_t short_steps = 5;
constexpr std::size_t medium_steps = 15;

// By how many dB of mean activity a challenger must be ahead. Over the long window being level is enough: it
// is what makes somebody wait half a second before the picture is theirs.
constexpr float short_margin = 6;
constexpr float medium_margin = 4;

} // namespace

ActiveSpeakers::Speaker* ActiveSpeakers::find(SpeakerId speaker) {
  const auto found =
      std::find_if(speakers_.begin(), speakers_.end(), [&](const Speaker& s) { return s.id == speaker; });
  return found == speakers_.end() ? nullptr : &*found;
}

bool ActiveSpeakers::add(SpeakerId speaker) {
  if (find(speaker) != nullptr) return true;
  if (speaker == 0 || speakers_.size() >= max_speakers_) return false;
  speakers_.push_back({.id = speaker});
  return true;
}

void ActiveSpeakers::remove(SpeakerId speaker) {
  std::erase_if(speakers_, [&](const Speaker& s) { return s.id == speaker; });
  if (dominant_ == speaker) dominant_ = 0;
}

void ActiveSpeakers::on_level(SpeakerId speaker, std::uint8_t minus_dbov, std::int64_t now_us) {
  Speaker* s = find(speaker);
  if (s == nullptr || minus_dbov >= sound_below_dbov) return;
  s->current = std::max(s->current, static_cast<std::uint8_t>(sound_below_dbov - minus_dbov));
  s->last_sound_us = now_us;
}

void ActiveSpeakers::step(bool heard) {
  position_ = (position_ + 1) % steps;
  for (Speaker& speaker : speakers_)
    speaker.activity[position_] = heard ? speaker.current : 0;
}

void ActiveSpeakers::judge(Speaker& speaker) const {
  unsigned sum = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    sum += speaker.activity[(position_ + steps - i) % steps];
    if (i + 1 == short_steps) speaker.short_mean = static_cast<float>(sum) / short_steps;
    if (i + 1 == medium_steps) speaker.medium_mean = static_cast<float>(sum) / medium_steps;
  }
  speaker.long_mean = static_cast<float>(sum) / steps;
}

bool ActiveSpeakers::update(std::int64_t now_us) {
  if (stepped_us_ == INT64_MIN) stepped_us_ = now_us - step_us;
  const std::int64_t due = (now_us - stepped_us_) / step_us;
  if (due <= 0) return false;
  stepped_us_ += due * step_us;
  // What was heard since the last call counts for the steps since then, as far as a usual pause between
  // calls; whatever lies before that was silence.
  const auto fresh = std::min<std::int64_t>(due, medium_steps);
  for (std::int64_t i = 0; i < std::min<std::int64_t>(due, steps) - fresh; ++i)
    step(false);
  for (std::int64_t i = 0; i < fresh; ++i)
    step(true);
  for (Speaker& speaker : speakers_)
    speaker.current = 0;

  Speaker* best = nullptr;
  for (Speaker& speaker : speakers_) {
    judge(speaker);
    if (best == nullptr || speaker.medium_mean > best->medium_mean) best = &speaker;
  }
  if (best == nullptr || best->id == dominant_ || best->medium_mean <= 0) return false;
  if (const Speaker* now = find(dominant_)) {
    const bool wins = best->short_mean >= now->short_mean + short_margin &&
                      best->medium_mean >= now->medium_mean + medium_margin &&
                      best->long_mean >= now->long_mean;
    if (!wins) return false;
  }
  dominant_ = best->id;
  return true;
}

std::size_t ActiveSpeakers::loudest(std::int64_t now_us, std::span<SpeakerId> out) const {
  // A selection of few out of many: `out` is short, so insertion is cheap and nothing is allocated.
  std::size_t count = 0;
  const auto better = [&](const Speaker& a, SpeakerId b_id) {
    if (a.id == dominant_ || b_id == dominant_) return a.id == dominant_;
    const auto b =
        std::find_if(speakers_.begin(), speakers_.end(), [&](const Speaker& s) { return s.id == b_id; });
    return a.long_mean > b->long_mean;
  };
  for (const Speaker& speaker : speakers_) {
    if (speaker.last_sound_us < now_us - heard_us) continue;
    std::size_t at = count;
    while (at > 0 && better(speaker, out[at - 1]))
      --at;
    if (at >= out.size()) continue;
    const std::size_t end = std::min(count, out.size() - 1);
    for (std::size_t i = end; i > at; --i)
      out[i] = out[i - 1];
    out[at] = speaker.id;
    count = end + 1;
  }
  return count;
}

} // namespace viadux::rtp
