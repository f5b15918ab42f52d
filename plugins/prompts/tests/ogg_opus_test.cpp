#include "../ogg_opus.hpp"

#include "shipped_prompts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace prompts {
namespace {

using testing::HasSubstr;

std::string page(const std::vector<std::string>& packets) {
  std::string table, body;
  for (const std::string& packet : packets) {
    for (std::size_t left = packet.size();; left -= 255) {
      table += static_cast<char>(std::min<std::size_t>(left, 255));
      if (left < 255) break;
    }
    body += packet;
  }
  return std::string("OggS") + std::string(22, '\0') + static_cast<char>(table.size()) + table + body;
}

const std::string head = std::string("OpusHead\x01\x01", 10) + std::string(9, '\0');
const std::string tags = "OpusTags";
const std::string sound = std::string("\x48", 1) + std::string(300, 's'); // config 9 (SILK, 20 ms), one frame

std::string trouble(const std::string& file) {
  const auto read = read_ogg_opus(file);
  return read ? "none" : read.error().message;
}

TEST(OggOpus, TheShippedRecordingsAreShortAndWhole) {
  for (const std::string_view shipped : {shipped_en, shipped_da}) {
    const auto packets = read_ogg_opus(shipped);
    ASSERT_TRUE(packets) << packets.error().message;
    EXPECT_GT(packets->size(), 30U);
    EXPECT_LT(packets->size(), 250U) << "five seconds";
  }
}

TEST(OggOpus, PacketsGoOnFromSegmentToSegment) {
  const auto packets = read_ogg_opus(page({head}) + page({tags}) + page({sound, sound + "t"}));
  ASSERT_TRUE(packets) << packets.error().message;
  EXPECT_EQ(*packets, (std::vector<std::string>{sound, sound + "t"}));
}

TEST(OggOpus, SaysWhatIsWrong) {
  EXPECT_THAT(trouble("RIFF"), HasSubstr("no Ogg file"));
  EXPECT_THAT(trouble(""), HasSubstr("no sound"));
  EXPECT_THAT(trouble(page({"OpusHead"})), HasSubstr("no Opus file"));
  std::string many = head;
  many[9] = 6;
  EXPECT_THAT(trouble(page({many})), HasSubstr("one or two channels"));
  EXPECT_THAT(trouble(page({head}) + page({tags})), HasSubstr("no sound"));
  EXPECT_THAT(trouble(page({head}) + page({tags}) + page({std::string("\x58", 1) + "sixty"})),
              HasSubstr("20 ms"));
  EXPECT_THAT(trouble(page({head}) + page({tags}) + page({std::string(1300, '\x48')})), HasSubstr("20 ms"));
  EXPECT_THAT(trouble(std::string(longest_file + 1, 'x')), HasSubstr("1 MiB"));
  const std::string whole = page({head}) + page({tags}) + page({sound});
  for (std::size_t size = page({head}).size() + page({tags}).size() + 1; size < whole.size(); ++size)
    EXPECT_NE(trouble(whole.substr(0, size)), "none") << size;
  std::string long_one = page({head}) + page({tags});
  for (std::size_t i = 0; i <= most_packets; ++i)
    long_one += page({"\x48"});
  EXPECT_THAT(trouble(long_one), HasSubstr("minute"));
}

} // namespace
} // namespace prompts
