// The border's JSON and its documents: whatever is taken must come back the same, and nothing may crash or
// grow.
#include <cstdint>
#include <cstdlib>
#include <viadux/documents/events.hpp>
#include <viadux/documents/media.hpp>
#include <viadux/documents/room.hpp>

namespace {

template <class T>
void read_and_write(std::string_view text) {
  const auto document = viadux::read_document<T>(text);
  if (!document) return;
  const std::string once = viadux::write_document(document.value());
  const auto again = viadux::read_document<T>(once);
  // A text that was the limit's length may grow by escapes; all else must be read again, and be the same.
  if (once.size() > viadux::Json::max_bytes) return;
  if (!again || viadux::write_document(again.value()) != once) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = viadux::Json::parse(text);
  if (json) {
    const std::string once = json.value().dump();
    const auto again = viadux::Json::parse(once);
    if (once.size() <= viadux::Json::max_bytes && (!again || again.value().dump() != once)) std::abort();
  }
  read_and_write<viadux::documents::Admit>(text);
  read_and_write<viadux::documents::SessionAnswer>(text);
  read_and_write<viadux::documents::Event>(text);
  read_and_write<viadux::documents::SetRunning>(text);
  return 0;
}
