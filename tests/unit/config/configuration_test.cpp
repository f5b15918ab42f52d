#include "core/config/configuration.hpp"

#include "core/config/value.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace viadux {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

ConfigSchema schema() {
  ConfigSchema out;
  const Result<void> door = out.declare(
      {.name = "door",
       .help = "A door.",
       .keys = {
           {"port", ConfigType::integer, "8080", 1, 65535, {}, ReloadClass::restart, "Port."},
           {"open", ConfigType::boolean, "false", {}, {}, {}, ReloadClass::live, "Open."},
           {"share", ConfigType::number, "0.5", 0, 1, {}, ReloadClass::live, "Share."},
           {"wait", ConfigType::duration, "5s", 100, 60'000, {}, ReloadClass::live, "Wait."},
           {"body", ConfigType::size, "64k", {}, {}, {}, ReloadClass::live, "Body."},
           {"rate", ConfigType::bitrate, "2.5M", {}, {}, {}, ReloadClass::live, "Rate."},
           {"kind", ConfigType::enumeration, "wood", {}, {}, {"wood", "glass"}, ReloadClass::live, "Kind."},
           {"host", ConfigType::address, "::", {}, {}, {}, ReloadClass::live, "Host."},
           {"names", ConfigType::string_list, "a, b", {}, 3, {}, ReloadClass::live, "Names."},
           {"ports", ConfigType::port_range, "10-20", {}, {}, {}, ReloadClass::live, "Ports."},
           {"title", ConfigType::string, "x", {}, 10, {}, ReloadClass::live, "Title."},
           {"key", ConfigType::secret, "", {}, {}, {}, ReloadClass::live, "Key."},
           {"code", ConfigType::pin, "", {}, {}, {}, ReloadClass::live, "Code."}}});
  const Result<void> window =
      out.declare({.name = "window",
                   .help = "Windows.",
                   .keys = {{"panes", ConfigType::integer, "4", {}, {}, {}, ReloadClass::live, "Panes."}},
                   .repeated = true});
  EXPECT_TRUE(door && window);
  return out;
}

std::vector<std::string> mistakes(std::string_view text, const std::vector<std::string>& overrides = {}) {
  std::vector<std::string> out;
  for (const ConfigMistake& mistake : parse_configuration(schema(), text, "f.toml", overrides).mistakes) {
    out.push_back(to_string(mistake));
  }
  return out;
}

TEST(Configuration, DefaultsAreComplete) {
  const ConfigLoad load = parse_configuration(schema(), "", "f.toml");
  ASSERT_TRUE(load.configuration);
  const Configuration& all = *load.configuration;
  EXPECT_EQ(all.get_int("door.port"), 8080);
  EXPECT_FALSE(all.get_bool("door.open"));
  EXPECT_EQ(all.get_number("door.share"), 0.5);
  EXPECT_EQ(all.get_int("door.wait"), 5000);
  EXPECT_EQ(all.get_int("door.body"), 65536);
  EXPECT_EQ(all.get_int("door.rate"), 2'500'000);
  EXPECT_EQ(all.get_string("door.kind"), "wood");
  EXPECT_EQ(all.get_string("door.host"), "::");
  EXPECT_THAT(all.get_list("door.names"), ElementsAre("a", "b"));
  EXPECT_EQ(all.get_ports("door.ports").last, 20);
  EXPECT_TRUE(all.get_secret("door.key").empty());
  EXPECT_TRUE(all.repeated("window").empty());
  EXPECT_FALSE(all.is_set("door.port"));
}

TEST(Configuration, ReadsEveryType) {
  const ConfigLoad load =
      parse_configuration(schema(),
                          "[door]\nport = 1\nopen = true\nshare = 1\nwait = \"1.5s\"\nbody = 10\n"
                          "rate = \"250k\"\nkind = \"glass\"\nhost = \"192.0.2.1\"\nnames = []\n"
                          "ports = \"1-2\"\ntitle = \"æ\"\ncode = \"1234\"\n"
                          "[[window]]\npanes = 1\n[[window]]\n",
                          "f.toml");
  ASSERT_TRUE(load.configuration) << to_string(load.mistakes.at(0));
  const Configuration& all = *load.configuration;
  EXPECT_EQ(all.get_int("door.port"), 1);
  EXPECT_TRUE(all.get_bool("door.open"));
  EXPECT_EQ(all.get_number("door.share"), 1.0);
  EXPECT_EQ(all.get_int("door.wait"), 1500);
  EXPECT_EQ(all.get_int("door.body"), 10);
  EXPECT_EQ(all.get_int("door.rate"), 250'000);
  EXPECT_TRUE(all.get_list("door.names").empty());
  EXPECT_EQ(all.get_secret("door.code").reveal(), "1234");
  ASSERT_EQ(all.repeated("window").size(), 2U);
  EXPECT_EQ(all.repeated("window")[0].get_int("panes"), 1);
  EXPECT_EQ(all.repeated("window")[1].get_int("panes"), 4);
  EXPECT_EQ(all.position("door.open"), "f.toml:3:8");
}

TEST(Configuration, NamesAllMistakesWithTheirPlaces) {
  EXPECT_THAT(
      mistakes("[door]\nprot = 1\nport = 70000\nopen = \"yes\"\nkind = \"glas\"\nwait = 5\n[dor]\n"),
      ElementsAre(
          "f.toml:2:1: door.prot: there is no such key (did you mean door.port?)",
          "f.toml:3:8: door.port: must be from 1 to 65535, not 70000",
          "f.toml:4:8: door.open: must be true or false, not a text",
          "f.toml:5:8: door.kind: must be one of \"wood\", \"glass\", not \"glas\" (did you mean \"glass\"?)",
          testing::AllOf(testing::StartsWith("f.toml:6:8: door.wait: must be a duration"),
                         HasSubstr("write the unit: \"5s\"?")),
          "f.toml:7:2: dor: there is no such section or key (did you mean [door]?)"));
}

TEST(Configuration, AKeyInTheWrongSectionIsFound) {
  EXPECT_THAT(mistakes("[[window]]\nopen = true\n"),
              ElementsAre("f.toml:2:1: window.open: there is no such key (did you mean door.open?)"));
  EXPECT_THAT(mistakes("port = 1\n"),
              ElementsAre("f.toml:1:1: port: there is no such section or key (did you mean door.port?)"));
}

TEST(Configuration, ShapeMistakes) {
  EXPECT_THAT(mistakes("door = 1"), ElementsAre("f.toml:1:1: door: must be a section: [door]"));
  EXPECT_THAT(mistakes("[window]"), ElementsAre("f.toml:1:2: window: must be written as [[window]]"));
  EXPECT_THAT(mistakes("[door]\nport = \n"),
              ElementsAre(testing::StartsWith("f.toml:2:8: this is not TOML: ")));
  EXPECT_THAT(mistakes("[door]\nnames = [1]\n").at(0), HasSubstr("door.names: must be a list of texts"));
  EXPECT_THAT(mistakes("[door]\nnames = [\"a\",\"b\",\"c\",\"d\"]\n").at(0),
              HasSubstr("at most 3 items long, not 4"));
  EXPECT_THAT(mistakes("[door]\nhost = \"localhost\"\n").at(0), HasSubstr("must be an IP address"));
  EXPECT_THAT(mistakes("[door]\nports = \"9-3\"\n").at(0), HasSubstr("must be a range of ports"));
  EXPECT_THAT(mistakes("[door]\nshare = nan\n").at(0), HasSubstr("must be a number"));
  EXPECT_THAT(mistakes("[door]\nport = 1979-05-27\n").at(0), HasSubstr("not a date or time"));
}

TEST(Configuration, OverridesAreCheckedAlikeAndWin) {
  const ConfigLoad load =
      parse_configuration(schema(), "[door]\nport = 1\n", "f.toml",
                          {"door.port=2", "door.names=[\"x\", y]", "door.open=true", "door.title="});
  ASSERT_TRUE(load.configuration) << to_string(load.mistakes.at(0));
  EXPECT_EQ(load.configuration->get_int("door.port"), 2);
  EXPECT_THAT(load.configuration->get_list("door.names"), ElementsAre("x", "y"));
  EXPECT_TRUE(load.configuration->get_bool("door.open"));
  EXPECT_EQ(load.configuration->get_string("door.title"), "");
  EXPECT_THAT(mistakes("", {"door.prot=1", "door.port=x", "door.port", "dor.port=1", ""}),
              ElementsAre("--set: door.prot: there is no such key (did you mean door.port?)",
                          "--set: door.port: must be a whole number, not \"x\"",
                          "--set: door.port: needs a value (write --set section.key=value)",
                          "--set: dor.port: there is no such key (did you mean door.port?)",
                          "--set: needs a value (write --set section.key=value)"));
}

TEST(Configuration, SecretsComeFromElsewhereAndAreNeverRepeated) {
  const std::string path = testing::TempDir() + "viadux_secret";
  std::ofstream(path) << "hunter2\n";
  ASSERT_EQ(setenv("VIADUX_TEST_SECRET", "hunter3", 1), 0);
  const auto key = [](const std::string& written) {
    return parse_configuration(schema(), "[door]\nkey = \"" + written + "\"\n", "f.toml");
  };
  EXPECT_EQ(key("file:" + path).configuration->get_secret("door.key").reveal(), "hunter2");
  EXPECT_EQ(key("env:VIADUX_TEST_SECRET").configuration->get_secret("door.key").reveal(), "hunter3");
  EXPECT_THAT(to_string(key("hunter4").mistakes.at(0)),
              testing::AllOf(HasSubstr("must not stand in the configuration"), Not(HasSubstr("hunter4"))));
  EXPECT_THAT(to_string(key("file:/nowhere/x").mistakes.at(0)), HasSubstr("can't be read"));
  EXPECT_THAT(to_string(key("env:VIADUX_NOT_SET").mistakes.at(0)), HasSubstr("is not set"));
  EXPECT_THAT(mistakes("[door]\ncode = \"99x9\"\n").at(0), Not(HasSubstr("99x9")));
  EXPECT_THAT(mistakes("[door]\ncode = 9989\n").at(0), Not(HasSubstr("9989")));
  EXPECT_THAT(mistakes("", {"door.key=hunter5"}).at(0), Not(HasSubstr("hunter5")));
  std::filesystem::remove(path);
}

TEST(Configuration, UnknownSectionsPassOnlyWhenAllowed) {
  EXPECT_FALSE(parse_configuration(schema(), "[sip]\nport = 5060\n", "f.toml").configuration);
  EXPECT_TRUE(
      parse_configuration(schema(), "[sip]\nport = 5060\n", "f.toml", {"sip.port=1"}, true).configuration);
  EXPECT_FALSE(parse_configuration(schema(), "[door]\nx = 1\n", "f.toml", {}, true).configuration);
  ConfigSchema tolerant = schema();
  tolerant.tolerate("sip");
  EXPECT_TRUE(parse_configuration(tolerant, "[sip]\nport = 5060\n", "f.toml", {"sip.x=1"}).configuration);
}

TEST(Configuration, ChecksNameTheKeyToBlame) {
  ConfigSchema checked = schema();
  checked.add_check([](const Configuration& all) -> Result<void> {
    if (all.get_int("door.port") == 22)
      return make_error(ErrorCode::bad_argument, "x", "is taken", "door.port");
    return {};
  });
  EXPECT_TRUE(parse_configuration(checked, "", "f.toml").configuration);
  const ConfigLoad load = parse_configuration(checked, "[door]\nport = 22\n", "f.toml");
  ASSERT_EQ(load.mistakes.size(), 1U);
  EXPECT_EQ(to_string(load.mistakes[0]), "f.toml:2:8: door.port: is taken");
}

TEST(Configuration, AMissingFileIsNamed) {
  const ConfigLoad load = load_configuration(schema(), {.file = "/nowhere/viadux.toml"});
  ASSERT_EQ(load.mistakes.size(), 1U);
  EXPECT_THAT(to_string(load.mistakes[0]), HasSubstr("/nowhere/viadux.toml: the file can't be read"));
  EXPECT_FALSE(load_configuration(schema(), {.file = "/"}).configuration); // a folder
}

TEST(Configuration, HostileFilesAreBounded) {
  std::string many = "[door]\n";
  for (int i = 0; i < 5000; ++i)
    many += "x" + std::to_string(i) + " = 1\n";
  EXPECT_EQ(mistakes(many).size(), 101U);
  EXPECT_THAT(mistakes(std::string(2'000'000, '#')).at(0), HasSubstr("larger than 1 MiB"));
  EXPECT_THAT(mistakes("a = " + std::string(100'000, '[')).at(0), HasSubstr("not TOML"));
}

TEST(ConfigSchema, RefusesBrokenDeclarations) {
  const auto declared = [](ConfigSection section) {
    ConfigSchema out = schema();
    const Result<void> result = out.declare(std::move(section));
    return result ? std::string() : result.error().message;
  };
  const auto key = [](const char* name, ConfigType type, const char* standard, const char* help = "Help.") {
    return ConfigSection{
        .name = "sip", .help = "", .keys = {{name, type, standard, {}, {}, {}, ReloadClass::live, help}}};
  };
  EXPECT_THAT(declared({.name = "door", .help = "", .keys = {}}), HasSubstr("[door] comes twice"));
  EXPECT_THAT(declared({.name = "Sip", .help = "", .keys = {}}), HasSubstr("not snake_case"));
  EXPECT_THAT(declared(key("Port", ConfigType::integer, "1")), HasSubstr("not snake_case"));
  EXPECT_THAT(declared(key("port", ConfigType::integer, "x")),
              HasSubstr("sip.port has a default that must be a whole"));
  EXPECT_THAT(declared(key("port", ConfigType::integer, "1", "")), HasSubstr("no help"));
  EXPECT_THAT(declared(key("key", ConfigType::secret, "env:HOME")), HasSubstr("a secret as its default"));
  EXPECT_EQ(declared(key("port", ConfigType::integer, "1")), "");
}

TEST(NearestName, SuggestsOnlyWhatIsLikeIt) {
  const std::vector<std::string> names{"port", "address", "tls_port"};
  EXPECT_EQ(nearest_name("prot", names), "port");
  EXPECT_EQ(nearest_name("adress", names), "address");
  EXPECT_EQ(nearest_name("tlsport", names), "tls_port");
  EXPECT_EQ(nearest_name("elephant", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100'000, 'p'), names), std::nullopt);
}

TEST(ConfigValues, NumbersAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(write_config_number(ConfigType::duration, 5000), "5s");
  EXPECT_EQ(write_config_number(ConfigType::duration, 1500), "1500ms");
  EXPECT_EQ(write_config_number(ConfigType::duration, 86'400'000), "1d");
  EXPECT_EQ(write_config_number(ConfigType::bitrate, 2'500'000), "2.5M");
  EXPECT_EQ(write_config_number(ConfigType::size, 65536), "64k");
  EXPECT_EQ(write_config_number(ConfigType::size, 1000), "1000");
  EXPECT_EQ(write_config_number(ConfigType::integer, 65535), "65535");
  EXPECT_EQ(write_config_number(ConfigType::number, 0.25), "0.25");
}

} // namespace
} // namespace viadux
