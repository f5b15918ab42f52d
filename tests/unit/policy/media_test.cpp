// What the hook "media" may say, and what becomes of it for a session.
#include "tests/unit/policy/fixture.hpp"

#include <viadux/policy.hpp>

namespace viadux {
namespace {

using documents::MediaCodec;

std::string media(const std::string& fields) {
  OnePolicy policy("function hooks.media(q) return { " + fields + " } end");
  return policy.answer("media");
}
// Of an answer; the order of a Lua table's fields changes from run to run.
bool has(const std::string& answer, std::string_view field) {
  return answer.find(field) != std::string::npos;
}

TEST(MediaHook, TakesCodecsByNameAndKeepsTheirOrder) {
  EXPECT_TRUE(has(media("codecs = { 'h264', 'pcma', 'opus' }"), R"("codecs":["h264","pcma","opus"])"));
  EXPECT_NE(
      media("codecs = { 'opus', 'h265' }")
          .find("codecs[2]: must be one of: opus, g722, pcma, pcmu, vp8, h264, not \"h265\" (did you mean "
                "\"h264\"?)"),
      std::string::npos)
      << media("codecs = { 'opus', 'h265' }");
}

TEST(MediaHook, AListWithoutSoundIsAMistake) {
  for (const char* list : {"{ 'vp8', 'h264' }", "{ 'vp8' }"})
    EXPECT_NE(media(std::string("codecs = ") + list)
                  .find("codecs: must have at least one of: opus, g722, pcma, pcmu"),
              std::string::npos)
        << media(std::string("codecs = ") + list);
}

TEST(MediaHook, MarksHaveSixBits) {
  const std::string marks = media("dscp_audio = 46, dscp_video = 0");
  EXPECT_TRUE(has(marks, R"("dscp_audio":46)") && has(marks, R"("dscp_video":0)")) << marks;
  EXPECT_NE(media("dscp_audio = 64").find("dscp_audio: must be a whole number from 0 to 63"),
            std::string::npos);
}

TEST(MediaHook, HasNoFieldWithoutAnEffect) {
  EXPECT_NE(media("location = 'north'").find("location: there is no such field"), std::string::npos);
}

TEST(MediaRules, AreAppliedToASession) {
  documents::OpenSession open;
  open.max_send_bps = 300'000;
  documents::MediaAnswer policy;
  apply(policy, open);
  EXPECT_EQ(open.max_send_bps, 300'000);
  EXPECT_TRUE(open.codecs.empty());
  EXPECT_FALSE(open.dscp_audio || open.dscp_video);

  policy.max_send_bps = 400'000;
  policy.max_receive_bps = 500'000;
  policy.codecs = {MediaCodec::pcma, MediaCodec::vp8};
  policy.dscp_audio = 46;
  policy.dscp_video = 0;
  apply(policy, open);
  EXPECT_EQ(open.max_send_bps, 300'000) << "it was narrower";
  EXPECT_EQ(open.max_receive_bps, 500'000);
  EXPECT_EQ(open.codecs, (std::vector{MediaCodec::pcma, MediaCodec::vp8}));
  EXPECT_EQ(open.dscp_audio, 46);
  EXPECT_EQ(open.dscp_video, 0) << "no mark, whatever the configuration has";
}

} // namespace
} // namespace viadux
