// RTP headers and extensions: what is read lies within the packet, and what is written again reads the same.
#include "core/rtp/extensions.hpp"
#include "core/rtp/packet.hpp"
#include "core/rtp/rtx.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

using namespace viadux::rtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto view = parse({data, size});
  if (!view) return 0;
  if (!view->payload.empty() && view->payload.data() + view->payload.size() > data + size) std::abort();
  ExtensionMap map;
  for (unsigned i = 0; i < extension_count; ++i)
    map.set(static_cast<Extension>(i), i + 1);
  const ExtensionValues values = read_extensions(*view, map);

  std::array<std::uint8_t, 2000> out{};
  const std::size_t block = write_extensions(values, map, std::span(out).subspan(header_size));
  write_header({.extension = block != 0}, out.data());
  const auto again = parse(std::span(out).first(header_size + block));
  if (!again) std::abort();
  const ExtensionValues same = read_extensions(*again, map);
  if (block != 0 && (same.mid != values.mid || same.audio_level != values.audio_level ||
                     same.transport_sequence != values.transport_sequence)) {
    std::abort();
  }
  static_cast<void>(unwrap_rtx(*view, 1, 96));
  return 0;
}
