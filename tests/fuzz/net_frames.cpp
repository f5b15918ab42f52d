// RFC 4571 framing: the frames must not depend on how the stream is cut.
#include "core/net/frame_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

std::vector<std::string> frames_of(std::span<const std::uint8_t> stream, std::size_t piece, bool& broken) {
  viadux::FrameReader reader;
  std::vector<std::string> frames;
  while (!stream.empty() && !reader.broken()) {
    const auto room = reader.room();
    const std::size_t size = std::min({piece, stream.size(), room.size()});
    if (size == 0) std::abort(); // the reader would never go on
    std::copy_n(stream.begin(), size, room.begin());
    reader.filled(size);
    stream = stream.subspan(size);
    while (const auto frame = reader.next())
      frames.emplace_back(frame->begin(), frame->end());
  }
  broken = reader.broken();
  return frames;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> stream(data + 1, size - 1);
  bool broken_whole = false;
  bool broken_pieces = false;
  const auto whole = frames_of(stream, stream.size() + 1, broken_whole);
  const auto pieces = frames_of(stream, 1U + data[0], broken_pieces);
  if (whole != pieces || broken_whole != broken_pieces) std::abort();
  return 0;
}
