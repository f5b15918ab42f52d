#include "../resource.hpp"

#include <gtest/gtest.h>

namespace whip {
namespace {

constexpr const char* sdp = "v=0\r\n"
                            "a=ice-ufrag:old\r\n"
                            "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
                            "a=ice-ufrag:old\r\na=ice-pwd:secret\r\na=mid:0\r\n"
                            "a=candidate:1 1 udp 1 192.0.2.1 40000 typ host\r\na=end-of-candidates\r\n"
                            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";

TEST(Resource, AnAttributeIsTheFirstOfItsNameAndNothingElse) {
  EXPECT_EQ(sdp_attribute(sdp, "ice-pwd"), "secret");
  EXPECT_EQ(sdp_attribute(sdp, "ice"), "");
  EXPECT_EQ(sdp_attribute("a=ice-pwd:last line without end", "ice-pwd"), "last line without end");
}

TEST(Resource, NewCredentialsReplaceAllOldOnesAndTheirCandidates) {
  const std::string renewed = with_credentials(sdp, "fresh", "better");
  EXPECT_EQ(renewed.find("old"), std::string::npos);
  EXPECT_EQ(renewed.find("secret"), std::string::npos);
  EXPECT_EQ(renewed.find("a=candidate"), std::string::npos);
  EXPECT_NE(renewed.find("m=video"), std::string::npos);
}

TEST(Resource, AFragmentSpeaksForTheBundlesFirstLine) {
  EXPECT_EQ(fragment_of(sdp), "a=ice-lite\r\na=ice-ufrag:old\r\na=ice-ufrag:old\r\na=ice-pwd:secret\r\n"
                              "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
                              "a=candidate:1 1 udp 1 192.0.2.1 40000 typ host\r\na=end-of-candidates\r\n");
}

TEST(Resource, NamesAreLongAndNeverTheSame) {
  const std::string first = random_name(), second = random_name();
  EXPECT_EQ(first.size(), 32U);
  EXPECT_NE(first, second);
}

TEST(Resource, IsFoundByNameAndKindAndGoesWithItsParticipant) {
  Resources resources;
  Resource resource;
  resource.kind = Kind::player;
  resource.participant.value = 7;
  const std::string id = resources.add(resource);
  EXPECT_NE(resources.find(id, Kind::player), nullptr);
  EXPECT_EQ(resources.find(id, Kind::publisher), nullptr) << "a player's name opens no publisher";
  resources.remove_of(viadux::Handle{8});
  EXPECT_EQ(resources.size(), 1U);
  resources.remove_of(viadux::Handle{7});
  EXPECT_EQ(resources.size(), 0U);
}

} // namespace
} // namespace whip
