#include "core/log/log.hpp"

#include "core/log/capture.hpp"
#include "core/log/format.hpp"

#include <atomic>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string json(std::string_view message, std::initializer_list<LogField> fields) {
  return format_log_json(
      {1'700'000'000'042, LogLevel::warning, "http", message, {fields.begin(), fields.size()}});
}
std::string text(std::string_view message, std::initializer_list<LogField> fields) {
  return format_log_text(
      {1'700'000'000'042, LogLevel::warning, "http", message, {fields.begin(), fields.size()}});
}

TEST(LogFormat, JsonKeepsTypes) {
  EXPECT_EQ(json("listening", {{"port", 8080}, {"tls", true}, {"load", 0.5}, {"big", ~0ULL}, {"who", "x"}}),
            R"({"time":"2023-11-14T22:13:20.042Z","level":"warning","area":"http","message":"listening",)"
            R"("port":8080,"tls":true,"load":0.5,"big":18446744073709551615,"who":"x"})"
            "\n");
}

TEST(LogFormat, TextIsForPeople) {
  EXPECT_EQ(text("listening", {{"port", 8080}, {"who", "a b"}, {"empty", ""}}),
            "22:13:20.042 warning http     listening port=8080 who=\"a b\" empty=\"\"\n");
}

TEST(LogFormat, NobodyCanForgeALineOrSteerTheTerminal) {
  const std::string hostile = "a\n{\"level\":\"x\"}\x1b[2J\x7f\xC2\x9B\"\\";
  EXPECT_THAT(json("m", {{"v", hostile}}), HasSubstr(R"(a\n{\"level\":\"x\"}\u001b[2J\u007f\u009b\"\\)"));
  const std::string line = text(hostile, {{"v", hostile}});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(LogFormat, WhatIsNotUtf8IsReplaced) {
  EXPECT_THAT(json("m", {{"v", "\xC3\xA6\xFF\xC0\xAF\xED\xA0\x80\xF0\x9F\x98\x80\xE2\x82"}}),
              HasSubstr("\"v\":\"\xC3\xA6"
                        "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
                        "\xF0\x9F\x98\x80"
                        "\uFFFD\uFFFD\""));
}

TEST(LogFormat, NumbersWithoutAJsonFormAreNull) {
  EXPECT_THAT(json("m", {{"v", std::nan("")}}), HasSubstr("\"v\":null"));
}

TEST(LogFormat, LongStringsAreCut) {
  const std::string line = json("m", {{"v", std::string(1'000'000, 'x')}});
  EXPECT_LT(line.size(), 2400U);
  EXPECT_THAT(line, HasSubstr("x…\"}"));
}

TEST(LogFormat, AFieldDoesNotTakeTheNameOfTheFrame) {
  EXPECT_THAT(json("m", {{"message", "x"}}), HasSubstr(R"("_message":"x")"));
}

TEST(LogFormat, SecretsPrintAsStars) {
  const Secret secret("hunter2");
  for (const std::string& line :
       {json("pin=hunter2",
             {{"a", secret}, {"b", personal("hunter2")}, {"host_pin", "hunter2"}, {"x", "token=hunter2"}}),
        text("pin=hunter2",
             {{"a", secret}, {"b", personal("hunter2")}, {"host_pin", "hunter2"}, {"x", "token=hunter2"}})}) {
    EXPECT_THAT(line, Not(HasSubstr("hunter2")));
    EXPECT_THAT(line, HasSubstr("***"));
  }
  EXPECT_THAT(json("m", {{"pin", 1234}}), HasSubstr(R"("pin":"***")"));
}

TEST(Log, LevelChangesAtRunTime) {
  LogCapture capture;
  log_set_level(LogLevel::warning);
  log_info("a", "unheard");
  log_warning("a", "heard");
  log_set_level(LogLevel::debug);
  log_debug("a", "fine print");
  const std::string all = capture.text();
  EXPECT_THAT(all, Not(HasSubstr("unheard")));
  EXPECT_THAT(all, HasSubstr("\"heard\""));
  EXPECT_THAT(all, HasSubstr("fine print"));
}

TEST(Log, LinesOfManyThreadsStayWhole) {
  LogCapture capture;
  std::vector<std::jthread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([id] {
      for (int i = 0; i < 500; ++i)
        log_info("thread", "line", {{"id", id}, {"i", i}});
    });
  }
  threads.clear();
  const std::string all = capture.text();
  EXPECT_EQ(std::ranges::count(all, '\n'), 2000);
  EXPECT_THAT(all, HasSubstr(R"("message":"line","id":3,"i":499})"));
}

TEST(Log, AWriterThatHangsCostsLinesAndNeverTheCaller) {
  std::promise<void> release;
  std::atomic<std::uint64_t> written = 0;
  const std::uint64_t before = log_dropped();
  log_start({LogLevel::info, LogFormat::json, [&, gate = release.get_future().share()](std::string_view) {
               gate.wait();
               ++written;
             }});
  constexpr std::uint64_t lines = 10'000;
  for (std::uint64_t i = 0; i < lines; ++i)
    log_info("test", "flood", {{"i", i}});
  const std::uint64_t dropped = log_dropped() - before;
  EXPECT_GE(dropped, lines - 8192 - 2);
  release.set_value();
  log_stop();
  EXPECT_EQ(written + dropped, lines);
  EXPECT_EQ(log_dropped() - before, dropped);
}

TEST(Log, LevelsHaveNames) {
  EXPECT_EQ(log_level_from("warning"), LogLevel::warning);
  EXPECT_EQ(log_level_from("loud"), std::nullopt);
  EXPECT_EQ(to_string(LogLevel::error), "error");
}

TEST(SecretValue, AMoveLeavesNothingBehind) {
  Secret from("1234");
  const char* bytes = from.reveal().data(); // short strings live inside the object
  const Secret to(std::move(from));
  EXPECT_EQ(to.reveal(), "1234");
  EXPECT_EQ(std::string(bytes, 4), std::string(4, '\0'));
}

} // namespace
} // namespace viadux
