#include "core/cli/options.hpp"

#include "core/cli/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace viadux {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<ParsedLine> parse(const std::vector<std::string>& words) {
  return parse_command_line(words, commands());
}
std::string refusal(const std::vector<std::string>& words) {
  const Result<ParsedLine> line = parse(words);
  return line ? "taken" : error_line(line.error());
}

TEST(CommandLine, CommonOptionsStandAnywhere) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"run", "--config", "x.toml", "--set", "http.port=1",
                                 "--set=log.level=debug"},
        std::vector<std::string>{"--config=x.toml", "--set", "http.port=1", "run", "--set",
                                 "log.level=debug"}}) {
    const Result<ParsedLine> line = parse(words);
    ASSERT_TRUE(line) << error_line(line.error());
    EXPECT_EQ(line->command->name, "run");
    EXPECT_EQ(line->invocation.options.config_file, "x.toml");
    EXPECT_THAT(line->invocation.options.overrides, ElementsAre("http.port=1", "log.level=debug"));
  }
}

TEST(CommandLine, CommandsOfTwoWordsHaveOptionsAndArguments) {
  const Result<ParsedLine> made = parse({"token", "new", "--role", "viewer", "--label=a b"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->command->name, "token new");
  EXPECT_EQ(made->invocation.named_or("role", ""), "viewer");
  EXPECT_EQ(made->invocation.named_or("label", ""), "a b");
  EXPECT_EQ(made->invocation.named_or("expires", "0"), "0");
  const Result<ParsedLine> revoked = parse({"token", "revoke", "abc"});
  ASSERT_TRUE(revoked);
  EXPECT_THAT(revoked->invocation.arguments, ElementsAre("abc"));
}

TEST(CommandLine, SaysWhatWasMeant) {
  EXPECT_EQ(refusal({"rum"}), "viadux: there is no command rum (did you mean run?)");
  EXPECT_EQ(refusal({"tokn", "new"}), "viadux: there is no command tokn (did you mean token?)");
  EXPECT_EQ(refusal({"token", "lst"}), "viadux: there is no command token lst (did you mean token list?)");
  EXPECT_THAT(refusal({"token", "elephant"}), HasSubstr("one of: token new, token list, token revoke"));
  EXPECT_THAT(refusal({"token"}), HasSubstr("token needs one more word"));
  EXPECT_EQ(refusal({"run", "--confg", "x"}), "viadux: there is no option --confg (did you mean --config?)");
  EXPECT_EQ(refusal({"token", "new", "--rol", "x"}),
            "viadux: there is no option --rol (did you mean --role?)");
  EXPECT_EQ(refusal({"run", "--role", "x"}), "viadux: there is no option --role");
  EXPECT_EQ(refusal({"run", "-x"}), "viadux: there is no option -x (viadux help lists them)");
  EXPECT_EQ(refusal({"elephant"}), "viadux: there is no command elephant");
}

TEST(CommandLine, NothingIsLeftOutOrOver) {
  EXPECT_EQ(refusal({"token", "new"}), "viadux: token new needs --role ROLE");
  EXPECT_EQ(refusal({"token", "revoke"}), "viadux: token revoke needs ID");
  EXPECT_EQ(refusal({"run", "fast"}), "viadux: \"fast\" is one word too many for run");
  EXPECT_EQ(refusal({"run", "--config"}), "viadux: --config needs a value");
  EXPECT_EQ(refusal({"run", "--config="}), "viadux: --config needs a file's name");
  EXPECT_EQ(refusal({"run", "--help=x"}), "viadux: --help takes no value");
}

TEST(CommandLine, HelpNeedsNothingElse) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"token", "new", "--help"}, std::vector<std::string>{"help", "token", "new"},
        std::vector<std::string>{"-h"}, std::vector<std::string>{"token", "-h"}}) {
    const Result<ParsedLine> line = parse(words);
    ASSERT_TRUE(line) << error_line(line.error());
    EXPECT_TRUE(line->help);
  }
  EXPECT_TRUE(parse({"--version"})->version);
  EXPECT_EQ(parse({})->command, nullptr);
}

TEST(CommandLine, EveryCommandHasHelp) {
  const std::string overview = help_overview(commands());
  for (const Command& command : commands()) {
    EXPECT_THAT(overview, HasSubstr("  " + command.name + " "));
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    const std::string help = help_for(command);
    for (const CommandOption& option : command.options)
      EXPECT_THAT(help, HasSubstr("--" + option.name));
  }
}

} // namespace
} // namespace viadux
