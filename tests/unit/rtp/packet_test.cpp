#include "core/rtp/packet.hpp"

#include "core/rtp/extensions.hpp"
#include "core/rtp/rtx.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace viadux::rtp {
namespace {

using Bytes = std::vector<std::uint8_t>;

// V=2, P, X, CC=1, M, PT 111, sequence 0x1234, timestamp, SSRC, one CSRC, extension of one word, payload,
// padding.
const Bytes full{0xb1, 0xef, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xaa, 0xbb, 0xcc, 0xdd, 0x00, 0x00,
                 0x00, 0x07, 0xbe, 0xde, 0x00, 0x01, 0x10, 0x85, 0x00, 0x00, 0x01, 0x02, 0x00, 0x02};

TEST(Packet, ReadsEveryField) {
  const auto view = parse(full);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->marker);
  EXPECT_EQ(view->payload_type, 111);
  EXPECT_EQ(view->sequence, 0x1234);
  EXPECT_EQ(view->timestamp, 0x01020304U);
  EXPECT_EQ(view->ssrc, 0xaabbccddU);
  EXPECT_EQ(view->csrc_count, 1);
  EXPECT_EQ(view->extension_form, ExtensionForm::one_byte);
  EXPECT_EQ(view->extensions.size(), 4U);
  EXPECT_EQ(view->padding_size, 2);
  EXPECT_EQ(Bytes(view->payload.begin(), view->payload.end()), (Bytes{1, 2}));
}

TEST(Packet, EveryTruncationIsRefusedOrWithinBounds) {
  for (std::size_t size = 0; size < full.size(); ++size) {
    const Bytes cut(full.begin(), full.begin() + static_cast<std::ptrdiff_t>(size));
    const auto view = parse(cut);
    if (size < 25) {
      EXPECT_FALSE(view) << size;
    }
  }
}

TEST(Packet, RefusesWhatIsNotRtp) {
  Bytes other = full;
  other[0] = 0x71; // version 1
  EXPECT_FALSE(parse(other));
  Bytes zero_padding = full;
  zero_padding.back() = 0;
  EXPECT_FALSE(parse(zero_padding));
  Bytes long_padding = full;
  long_padding.back() = 5; // would reach into the extension
  EXPECT_FALSE(parse(long_padding));
  long_padding.back() = 4;
  ASSERT_TRUE(parse(long_padding));
  EXPECT_TRUE(parse(long_padding)->payload.empty());
  Bytes long_extension = full;
  long_extension[19] = 3;
  EXPECT_FALSE(parse(long_extension));
}

TEST(Packet, WritesWhatItReads) {
  Bytes out(header_size);
  write_header({.marker = true, .payload_type = 96, .sequence = 65'535, .timestamp = 0x89abcdef, .ssrc = 7},
               out.data());
  const auto view = parse(out);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->marker);
  EXPECT_EQ(view->payload_type, 96);
  EXPECT_EQ(view->sequence, 65'535);
  EXPECT_EQ(view->timestamp, 0x89abcdefU);
  EXPECT_EQ(view->ssrc, 7U);
}

TEST(Packet, TellsRtcpOnTheSamePort) {
  EXPECT_TRUE(looks_like_rtcp(Bytes{0x80, 200}));
  EXPECT_TRUE(looks_like_rtcp(Bytes{0x80, 206}));
  EXPECT_FALSE(looks_like_rtcp(Bytes{0x80, 111}));
  EXPECT_FALSE(looks_like_rtcp(Bytes{0x80, 0x80 | 111}));
  EXPECT_FALSE(looks_like_rtcp(Bytes{0x80}));
}

ExtensionMap all_kinds(unsigned first) {
  ExtensionMap map;
  for (unsigned i = 0; i < 8; ++i)
    map.set(static_cast<Extension>(i), first + i);
  return map;
}

ExtensionValues some_values() {
  return {.mid = "v1",
          .rid = "hi",
          .audio_level = 0x8a,
          .transport_sequence = 0xbeef,
          .abs_send_time = 0x123456,
          .video_orientation = 3,
          .playout_delay = 0x00a00b};
}

Bytes packet_with(const ExtensionValues& values, const ExtensionMap& map, std::size_t* at = nullptr) {
  Bytes out(200);
  write_header({.extension = true, .payload_type = 96}, out.data());
  const std::size_t size = write_extensions(values, map, std::span(out).subspan(header_size), at);
  out.resize(header_size + size);
  out.push_back(0x55);
  return out;
}

void expect_same(const ExtensionValues& read, const ExtensionValues& written) {
  EXPECT_EQ(read.mid, written.mid);
  EXPECT_EQ(read.rid, written.rid);
  EXPECT_EQ(read.repaired_rid, written.repaired_rid);
  EXPECT_EQ(read.audio_level, written.audio_level);
  EXPECT_EQ(read.transport_sequence, written.transport_sequence);
  EXPECT_EQ(read.abs_send_time, written.abs_send_time);
  EXPECT_EQ(read.video_orientation, written.video_orientation);
  EXPECT_EQ(read.playout_delay, written.playout_delay);
}

TEST(Extensions, GoThereAndBackInOneByteForm) {
  const ExtensionMap map = all_kinds(1);
  std::size_t at = 0;
  const Bytes packet = packet_with(some_values(), map, &at);
  const auto view = parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->extension_form, ExtensionForm::one_byte);
  EXPECT_EQ(view->payload.size(), 1U);
  expect_same(read_extensions(*view, map), some_values());
  EXPECT_EQ(packet[header_size + at], 0xbe);
  EXPECT_EQ(packet[header_size + at + 1], 0xef);
}

TEST(Extensions, TakeTwoByteFormWhereIdsOrValuesNeedIt) {
  const ExtensionMap high = all_kinds(10);
  const Bytes packet = packet_with(some_values(), high);
  EXPECT_EQ(parse(packet)->extension_form, ExtensionForm::two_byte);
  expect_same(read_extensions(*parse(packet), high), some_values());

  const ExtensionMap low = all_kinds(1);
  ExtensionValues longer;
  longer.mid = "a-mid-of-more-than-16-bytes";
  const Bytes second = packet_with(longer, low);
  EXPECT_EQ(parse(second)->extension_form, ExtensionForm::two_byte);
  expect_same(read_extensions(*parse(second), low), longer);
}

TEST(Extensions, OnlyWhatIsNegotiatedIsWritten) {
  ExtensionMap map;
  map.set(Extension::mid, 4);
  const Bytes packet = packet_with(some_values(), map);
  ExtensionValues only;
  only.mid = "v1";
  expect_same(read_extensions(*parse(packet), all_kinds(5)), {}); // nothing with an id but the one we gave
  expect_same(read_extensions(*parse(packet), map), only);
  Bytes out(200);
  EXPECT_EQ(write_extensions(some_values(), ExtensionMap{}, out), 0U);
  EXPECT_EQ(write_extensions(some_values(), map, std::span(out).first(7)), 0U);
}

TEST(Extensions, MalformedElementsAreNotRead) {
  ExtensionMap map;
  map.set(Extension::mid, 1);
  map.set(Extension::audio_level, 2);
  PacketView view;
  view.extension_form = ExtensionForm::one_byte;
  const Bytes beyond{0x20, 0x11, 0x1f, 'x'}; // mid claims 16 bytes
  view.extensions = beyond;
  EXPECT_EQ(read_extensions(view, map).audio_level, 0x11);
  EXPECT_EQ(read_extensions(view, map).mid, "");
  const Bytes stop{0xf0, 0x00, 0x20, 0x11}; // id 15 ends it (RFC 8285 section 4.2)
  view.extensions = stop;
  EXPECT_FALSE(read_extensions(view, map).audio_level);
  const Bytes padded{0x00, 0x00, 0x20, 0x11};
  view.extensions = padded;
  EXPECT_EQ(read_extensions(view, map).audio_level, 0x11);
  view.extension_form = ExtensionForm::two_byte;
  const Bytes cut{0x02};
  view.extensions = cut;
  EXPECT_FALSE(read_extensions(view, map).audio_level);
}

TEST(ExtensionMap, KeepsIdsAndKindsInStep) {
  ExtensionMap map;
  EXPECT_FALSE(map.set(Extension::mid, 0));
  EXPECT_FALSE(map.set(Extension::mid, 256));
  EXPECT_FALSE(map.set("urn:something:else", 3));
  EXPECT_TRUE(map.set("urn:ietf:params:rtp-hdrext:sdes:mid", 3));
  EXPECT_EQ(map.kind(3), Extension::mid);
  EXPECT_TRUE(map.set(Extension::rid, 3)); // the id now means something else
  EXPECT_FALSE(map.has(Extension::mid));
  EXPECT_TRUE(map.set(Extension::rid, 5));
  EXPECT_FALSE(map.kind(3));
  for (unsigned i = 0; i < extension_count; ++i) {
    EXPECT_EQ(extension_from_uri(uri_of(static_cast<Extension>(i))), static_cast<Extension>(i));
  }
}

TEST(Rtx, GivesTheOriginalBack) {
  PacketView rtx;
  const Bytes payload{0x12, 0x34, 9, 8, 7};
  rtx.payload = payload;
  rtx.timestamp = 77;
  rtx.marker = true;
  const auto original = unwrap_rtx(rtx, 5, 96);
  ASSERT_TRUE(original);
  EXPECT_EQ(original->sequence, 0x1234);
  EXPECT_EQ(original->ssrc, 5U);
  EXPECT_EQ(original->payload_type, 96);
  EXPECT_EQ(original->timestamp, 77U);
  EXPECT_TRUE(original->marker);
  EXPECT_EQ(original->payload.size(), 3U);
  rtx.payload = rtx.payload.first(1);
  EXPECT_FALSE(unwrap_rtx(rtx, 5, 96));
}

} // namespace
} // namespace viadux::rtp
