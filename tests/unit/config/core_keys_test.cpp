#include "core/config/configuration.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace viadux {
namespace {

using testing::HasSubstr;

std::string shipped() {
  std::ifstream file("conf/viadux.toml"); // tests run in the source folder
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// Plugins' sections may follow; their own tests compare those.
TEST(CoreKeys, TheShippedFileIsWhatTheTablesSay) {
  const std::string rendered = render_server_configuration(core_schema());
  const std::string file = shipped();
  EXPECT_EQ(file.substr(0, rendered.size()), rendered) << "run: build/bin/viadux config > conf/viadux.toml";
}

TEST(CoreKeys, TheRenderedFileLoadsToTheDefaults) {
  const ConfigSchema schema = core_schema();
  const ConfigLoad load = parse_configuration(schema, render_server_configuration(schema), "f.toml");
  ASSERT_TRUE(load.configuration) << to_string(load.mistakes.at(0));
  const auto defaults = parse_configuration(schema, "", "").configuration;
  ASSERT_TRUE(defaults);
  for (const std::string& key : defaults->keys()) {
    EXPECT_TRUE(load.configuration->is_set(key)) << key;
    EXPECT_TRUE(load.configuration->value(key) == defaults->value(key)) << key;
  }
}

TEST(CoreKeys, ValuesMustFitEachOther) {
  const auto mistake = [](const std::vector<std::string>& overrides) {
    const ConfigLoad load = parse_configuration(core_schema(), "", "", overrides);
    return load.mistakes.empty() ? std::string() : to_string(load.mistakes[0]);
  };
  EXPECT_EQ(mistake({}), "");
  EXPECT_THAT(mistake({"http.tls_certificate=a.pem"}), HasSubstr("without http.tls_key"));
  EXPECT_THAT(mistake({"http.tls_port=8080"}), HasSubstr("--set: http.tls_port: is the same as http.port"));
  EXPECT_EQ(mistake({"http.tls_port=0", "http.port=0"}), "");
  EXPECT_THAT(mistake({"media.port=49999", "media.workers=2"}), HasSubstr("media.rtp_ports"));
  EXPECT_EQ(mistake({"media.port=49998", "media.workers=2"}), "");
  EXPECT_THAT(mistake({"media.floor_bps=5M"}), HasSubstr("above media.max_receive_bps"));
  EXPECT_THAT(mistake({"store.url=postgresql://a:b@c/d"}), HasSubstr("store.password"));
  EXPECT_EQ(mistake({"store.url=postgresql://a@c:5432/d"}), "");
}

} // namespace
} // namespace viadux
