// What a composed picture costs beside the bare calls of the same libraries on the same pictures: decode,
// scale into place, encode. CPU time of one thread, rounds of both interleaved, the median and the range of
// their ratio.
//
//   bench_pictures [rounds, 7] [seconds of pictures a round, 4]
#include "core/mixer/picture_mix.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace {

using namespace viadux;
using namespace viadux::mixer;

constexpr std::int64_t frame_us = 33'333;

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// Soft shapes that move over a grain of noise: neither flat, which costs nothing, nor noise alone.
Picture scene(unsigned who, int frame, std::uint16_t width, std::uint16_t height) {
  Picture picture = plain_picture(width, height, {});
  unsigned dice = who * 7919 + static_cast<unsigned>(frame) * 104'729;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      dice = dice * 1'664'525 + 1'013'904'223;
      const double wave = std::sin((x + frame * 3) * 0.021 + who) + std::cos((y - frame * 2) * 0.027);
      picture.y[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] =
          static_cast<std::uint8_t>(120 + 40 * wave + static_cast<int>(dice >> 30));
    }
  for (std::size_t i = 0; i < picture.u.size(); ++i)
    picture.u[i] = static_cast<std::uint8_t>(100 + who * 10);
  return picture;
}

struct Clip { // of one sender: of each frame the payloads
  std::vector<Payloads> frames;
};

Clip film(unsigned who, rtp::Codec codec, std::uint16_t width, std::uint16_t height, int frames) {
  auto encoder = VideoEncoder::create(codec, {width, height, height >= 720 ? 1'500'000U : 500'000U, 30});
  Clip clip;
  for (int i = 0; i < frames; ++i)
    clip.frames.push_back(encoder->encode(scene(who, i, width, height).view(), i * frame_us, i == 0));
  return clip;
}

struct Nowhere final : PictureOut {
  std::size_t bytes = 0;
  void send(TrackId, const PortPacket& packet) override { bytes += packet.payload.size(); }
  void ask_key_frame(TrackId, std::uint8_t) override {}
};

double mixed(const std::vector<Clip>& clips, rtp::Codec in, rtp::Codec out, std::size_t& bytes) {
  Nowhere nowhere;
  PictureMix mix(PictureStyle{}, nowhere);
  CanvasPlan plan;
  plan.people = clips.size();
  std::vector<std::uint16_t> sequences(clips.size());
  for (std::size_t i = 0; i < clips.size(); ++i) {
    mix.add_source(i + 1, in, 1);
    plan.tiles.push_back({.track = i + 1});
  }
  mix.set_canvas(1, plan, 0);
  mix.add_output(99, 1, out);
  mix.set_wanted(99, true);
  mix.want_key_frame(99, 2, 1);
  mix.set_in_use(99, 4); // the largest size
  mix.tick(1);           // now it wants its sources
  const double before = cpu_ms();
  for (std::size_t frame = 0; frame < clips[0].frames.size(); ++frame) {
    const std::int64_t now_us = 1'000'000 + static_cast<std::int64_t>(frame) * frame_us;
    for (std::size_t i = 0; i < clips.size(); ++i) {
      const Payloads& payloads = clips[i].frames[frame];
      for (std::size_t p = 0; p < payloads.size(); ++p) {
        router::ChannelRecord record;
        record.sequence = ++sequences[i];
        record.timestamp = static_cast<std::uint32_t>(now_us * 9 / 100);
        record.flags = p + 1 == payloads.size() ? router::ChannelRecord::marker : 0;
        mix.put(i + 1, record, payloads[p], now_us);
      }
    }
    mix.tick(now_us);
  }
  const double spent = cpu_ms() - before;
  bytes = nowhere.bytes;
  return spent;
}

double bare(const std::vector<Clip>& clips, rtp::Codec in, rtp::Codec out, std::size_t& bytes) {
  std::vector<std::unique_ptr<VideoDecoder>> decoders;
  std::vector<FrameAssembler> assemblers;
  std::vector<std::vector<CodedFrame>> coded(clips.size());
  for (std::size_t i = 0; i < clips.size();
       ++i) { // frames put together ahead: that is not the libraries' work
    decoders.push_back(VideoDecoder::create(in));
    FrameAssembler assembler(in);
    std::uint16_t sequence = 0;
    for (std::size_t frame = 0; frame < clips[i].frames.size(); ++frame)
      for (std::size_t p = 0; p < clips[i].frames[frame].size(); ++p) {
        assembler.put(++sequence, static_cast<std::uint32_t>(frame * 3000),
                      p + 1 == clips[i].frames[frame].size(), clips[i].frames[frame][p], 0);
        if (auto whole = assembler.next(0)) coded[i].push_back(std::move(*whole));
      }
  }
  auto encoder = VideoEncoder::create(out, {});
  Picture canvas = plain_picture(1280, 720, {});
  const Places places = places_of(Layout::one_seven, clips.size(), 1280, 720);
  const double before = cpu_ms();
  for (std::size_t frame = 0; frame < clips[0].frames.size(); ++frame) {
    for (std::size_t i = 0; i < clips.size(); ++i)
      if (frame < coded[i].size() && decoders[i]->decode(coded[i][frame]))
        scale_into(canvas, places.areas[i], decoders[i]->picture(), Fit::fill, {});
    for (const auto& payload :
         encoder->encode(canvas.view(), 1'000'000 + static_cast<std::int64_t>(frame) * frame_us, frame == 0))
      bytes += payload.size();
  }
  return cpu_ms() - before;
}

struct Case {
  const char* name;
  rtp::Codec in, out;
  std::size_t people;
  std::uint16_t width, height;
};

// For bench/compositor: the raw pictures of one sender, and what a second of mixing four costs.
int write_raw(const char* path, unsigned who, int frames) {
  std::FILE* file = std::fopen(path, "wb");
  if (file == nullptr) return 1;
  for (int i = 0; i < frames; ++i) {
    const Picture picture = scene(who, i, 1280, 720);
    for (const auto* plane : {&picture.y, &picture.u, &picture.v})
      std::fwrite(plane->data(), 1, plane->size(), file);
  }
  return std::fclose(file);
}

int mix_four(int seconds) {
  std::vector<Clip> clips;
  for (unsigned who = 0; who < 4; ++who)
    clips.push_back(film(who, rtp::Codec::vp8, 1280, 720, seconds * 30));
  std::size_t bytes = 0;
  std::printf("%.2f\n", mixed(clips, rtp::Codec::vp8, rtp::Codec::vp8, bytes) / seconds);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "--raw" && argc == 5)
    return write_raw(argv[2], static_cast<unsigned>(std::atoi(argv[3])), std::atoi(argv[4]));
  if (what == "--mix" && argc == 3) return mix_four(std::max(std::atoi(argv[2]), 1));
  const int rounds = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 7;
  const int frames = (argc > 2 ? std::max(std::atoi(argv[2]), 1) : 4) * 30;
  using rtp::Codec;
  const Case cases[] = {{"4 of VP8 720p to VP8 720p", Codec::vp8, Codec::vp8, 4, 1280, 720},
                        {"4 of VP8 720p to H.264 720p", Codec::vp8, Codec::h264, 4, 1280, 720},
                        {"8 of VP8 360p to H.264 720p", Codec::vp8, Codec::h264, 8, 640, 360}};
  std::printf("%-30s %10s %10s %8s %s\n", "", "mix, ms/s", "bare, ms/s", "ratio", "(range)");
  for (const Case& each : cases) {
    std::vector<Clip> clips;
    for (unsigned who = 0; who < each.people; ++who)
      clips.push_back(film(who, each.in, each.width, each.height, frames));
    std::vector<double> ratios, mixes, bares;
    std::size_t mix_bytes = 0, bare_bytes = 0;
    for (int round = 0; round < rounds; ++round) {
      mixes.push_back(mixed(clips, each.in, each.out, mix_bytes));
      bare_bytes = 0;
      bares.push_back(bare(clips, each.in, each.out, bare_bytes));
      ratios.push_back(mixes.back() / bares.back());
    }
    const auto median = [](std::vector<double> values) {
      std::ranges::sort(values);
      return values[values.size() / 2];
    };
    const double seconds = frames / 30.0;
    std::printf("%-30s %10.1f %10.1f %8.3f (%.3f to %.3f), %zu and %zu kB\n", each.name,
                median(mixes) / seconds, median(bares) / seconds, median(ratios),
                *std::ranges::min_element(ratios), *std::ranges::max_element(ratios), mix_bytes / 1000,
                bare_bytes / 1000);
  }
}
