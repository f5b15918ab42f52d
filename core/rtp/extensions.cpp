#include "core/rtp/extensions.hpp"

#include "core/rtp/byte_order.hpp"

#include <algorithm>
#include <cstring>

namespace viadux::rtp {
namespace {

constexpr std::array<std::string_view, extension_count> uris{
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
};

constexpr std::size_t max_value = 255;

std::string_view text(std::span<const std::uint8_t> value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

void take(ExtensionValues& values, Extension kind, std::span<const std::uint8_t> value) {
  switch (kind) {
  case Extension::mid:
    values.mid = text(value);
    break;
  case Extension::rid:
    values.rid = text(value);
    break;
  case Extension::repaired_rid:
    values.repaired_rid = text(value);
    break;
  case Extension::audio_level:
    if (!value.empty()) values.audio_level = value[0]; // two-byte form may pad it (RFC 6464 section 3)
    break;
  case Extension::transport_sequence:
    if (value.size() >= 2) values.transport_sequence = load16(value.data());
    break;
  case Extension::abs_send_time:
    if (value.size() == 3) values.abs_send_time = load24(value.data());
    break;
  case Extension::video_orientation:
    if (value.size() == 1) values.video_orientation = value[0];
    break;
  case Extension::playout_delay:
    if (value.size() == 3) values.playout_delay = load24(value.data());
    break;
  case Extension::dependency_descriptor:
    break;
  }
}

// The elements to write, collected first: the form of the block depends on all of them.
class Elements {
 public:
  explicit Elements(const ExtensionMap& map) : map_(map) {}

  void add(Extension kind, const void* value, std::size_t size) {
    const std::uint8_t id = map_.id(kind);
    if (id == 0 || size > max_value) return;
    // One-byte form says sizes 1-16 and ids 1-14; an empty value exists in two-byte form only.
    two_byte_ = two_byte_ || id > 14 || size > 16 || size == 0;
    list_[count_++] = {id, kind, static_cast<const std::uint8_t*>(value), static_cast<std::uint8_t>(size)};
    size_ += size;
  }
  void add(Extension kind, std::string_view value) {
    if (!value.empty()) add(kind, value.data(), value.size());
  }

  std::size_t write(std::span<std::uint8_t> out, std::size_t* transport_sequence_at) const {
    if (count_ == 0) return 0;
    const std::size_t body = size_ + count_ * (two_byte_ ? 2 : 1);
    const std::size_t padded = (body + 3) / 4 * 4;
    if (out.size() < padded + 4) return 0;
    store16(out.data(), two_byte_ ? 0x1000 : 0xbede);
    store16(out.data() + 2, static_cast<std::uint16_t>(padded / 4));
    std::uint8_t* p = out.data() + 4;
    for (std::size_t i = 0; i < count_; ++i) {
      const Element& element = list_[i];
      if (two_byte_) {
        *p++ = element.id;
        *p++ = element.size;
      } else {
        *p++ = static_cast<std::uint8_t>((element.id << 4) | (element.size - 1));
      }
      if (element.kind == Extension::transport_sequence && transport_sequence_at != nullptr) {
        *transport_sequence_at = static_cast<std::size_t>(p - out.data());
      }
      std::memcpy(p, element.value, element.size);
      p += element.size;
    }
    std::memset(p, 0, padded - body);
    return padded + 4;
  }

 private:
  struct Element {
    std::uint8_t id;
    Extension kind;
    const std::uint8_t* value;
    std::uint8_t size;
  };
  const ExtensionMap& map_;
  std::array<Element, extension_count> list_;
  std::size_t count_ = 0;
  std::size_t size_ = 0;
  bool two_byte_ = false;
};

} // namespace

std::optional<Extension> extension_from_uri(std::string_view uri) {
  const auto* found = std::find(uris.begin(), uris.end(), uri);
  if (found == uris.end()) return std::nullopt;
  return static_cast<Extension>(found - uris.begin());
}

std::string_view uri_of(Extension extension) {
  return uris[static_cast<std::size_t>(extension)];
}

bool ExtensionMap::set(Extension extension, unsigned id) {
  if (id == 0 || id > 255) return false;
  const auto index = static_cast<std::size_t>(extension);
  if (ids_[index] != 0) kinds_[ids_[index]] = 0;
  if (kinds_[id] != 0) ids_[kinds_[id] - 1U] = 0; // the id meant something else before
  ids_[index] = static_cast<std::uint8_t>(id);
  kinds_[id] = static_cast<std::uint8_t>(index + 1);
  return true;
}

bool ExtensionMap::set(std::string_view uri, unsigned id) {
  const auto extension = extension_from_uri(uri);
  return extension && set(*extension, id);
}

std::optional<Extension> ExtensionMap::kind(std::uint8_t id) const {
  if (kinds_[id] == 0) return std::nullopt;
  return static_cast<Extension>(kinds_[id] - 1);
}

ExtensionValues read_extensions(const PacketView& packet, const ExtensionMap& map) {
  ExtensionValues values;
  if (packet.extension_form == ExtensionForm::none) return values;
  const bool two_byte = packet.extension_form == ExtensionForm::two_byte;
  auto rest = packet.extensions;
  while (!rest.empty()) {
    if (rest[0] == 0) { // padding
      rest = rest.subspan(1);
      continue;
    }
    std::uint8_t id = 0;
    std::size_t size = 0;
    if (two_byte) {
      if (rest.size() < 2) break;
      id = rest[0];
      size = rest[1];
      rest = rest.subspan(2);
    } else {
      id = rest[0] >> 4;
      size = std::size_t{rest[0] & 0x0fU} + 1;
      if (id == 15) break; // "stop here" (RFC 8285 section 4.2)
      rest = rest.subspan(1);
    }
    if (size > rest.size()) break;
    if (const auto kind = map.kind(id)) take(values, *kind, rest.first(size));
    rest = rest.subspan(size);
  }
  return values;
}

std::size_t write_extensions(const ExtensionValues& values, const ExtensionMap& map,
                             std::span<std::uint8_t> out, std::size_t* transport_sequence_at) {
  if (transport_sequence_at != nullptr) *transport_sequence_at = 0;
  Elements elements(map);
  std::array<std::uint8_t, 2> sequence{};
  std::array<std::uint8_t, 3> send_time{};
  std::array<std::uint8_t, 3> delay{};
  elements.add(Extension::mid, values.mid);
  elements.add(Extension::rid, values.rid);
  elements.add(Extension::repaired_rid, values.repaired_rid);
  if (values.audio_level) elements.add(Extension::audio_level, &*values.audio_level, 1);
  if (values.transport_sequence) {
    store16(sequence.data(), *values.transport_sequence);
    elements.add(Extension::transport_sequence, sequence.data(), sequence.size());
  }
  if (values.abs_send_time) {
    store24(send_time.data(), *values.abs_send_time);
    elements.add(Extension::abs_send_time, send_time.data(), send_time.size());
  }
  if (values.video_orientation) elements.add(Extension::video_orientation, &*values.video_orientation, 1);
  if (values.playout_delay) {
    store24(delay.data(), *values.playout_delay);
    elements.add(Extension::playout_delay, delay.data(), delay.size());
  }
  return elements.write(out, transport_sequence_at);
}

} // namespace viadux::rtp
