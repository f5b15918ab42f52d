#include "core/metrics/metrics.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <thread>
#include <unistd.h>

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count_lines(const std::string& text, const std::string& start) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    count += text.compare(at, start.size(), start) == 0;
  return count;
}

TEST(Metrics, ShowsWhatWasCounted) {
  Metrics metrics;
  const auto joins =
      metrics.counter({"viadux_meeting_joins_total", "Joins.", {{"protocol", {"whip", "sip"}}}});
  const CounterMetric whip = joins.with({"whip"});
  whip.add();
  whip.add(2);
  whip.add(-5);
  joins.with({"sip"}).add();
  const std::string text = metrics.serialize();
  EXPECT_THAT(
      text,
      HasSubstr("# HELP viadux_meeting_joins_total Joins.\n# TYPE viadux_meeting_joins_total counter\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_joins_total{protocol=\"whip\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("viadux_meeting_joins_total{protocol=\"sip\"} 1\n"));
}

TEST(Metrics, GaugesAndHistograms) {
  Metrics metrics;
  const GaugeMetric rooms = metrics.gauge({"viadux_rooms", "Open rooms.", {}}).with();
  rooms.set(7);
  rooms.add(-2);
  const HistogramMetric took =
      metrics.histogram({"viadux_join_seconds", "Time to join.", {}}, {0.1, 1}).with();
  took.observe(0.05);
  took.observe(0.5);
  took.observe(5);
  const std::string text = metrics.serialize();
  EXPECT_THAT(text, HasSubstr("viadux_rooms 5\n"));
  EXPECT_THAT(text, HasSubstr("viadux_join_seconds_bucket{le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("viadux_join_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("viadux_join_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("viadux_join_seconds_count 3\n"));
}

TEST(Metrics, UndeclaredLabelValueIsOther) {
  Metrics metrics;
  const auto family = metrics.counter({"viadux_x_total", "X.", {{"kind", {"a", "b"}}}});
  for (int i = 0; i < 1000; ++i)
    family.with({"hostile" + std::to_string(i)}).add();
  const std::string text = metrics.serialize();
  EXPECT_THAT(text, HasSubstr("viadux_x_total{kind=\"other\"} 1000\n"));
  EXPECT_EQ(count_lines(text, "viadux_x_total{"), 1u);
}

TEST(Metrics, OpenLabelIsCapped) {
  Metrics metrics;
  const auto family = metrics.counter({"viadux_x_total", "X.", {{"plugin", {}}, {"kind", {"a"}}}, 10});
  for (int i = 0; i < 100; ++i)
    family.with({"p" + std::to_string(i), "a"}).add();
  family.with({"p3", "a"}).add();
  const std::string text = metrics.serialize();
  EXPECT_EQ(count_lines(text, "viadux_x_total{"), 11u);
  EXPECT_THAT(text, HasSubstr("viadux_x_total{kind=\"other\",plugin=\"other\"} 90\n"));
  EXPECT_THAT(text, HasSubstr("viadux_x_total{kind=\"a\",plugin=\"p3\"} 2\n"));
}

TEST(Metrics, DefaultHandleCountsNothing) {
  CounterMetric().add();
  GaugeMetric().set(1);
  HistogramMetric().observe(1);
  CounterFamily().with({"x"}).add();
}

TEST(Metrics, DeclaringTwiceIsTheSameThing) {
  Metrics metrics;
  const MetricSpec spec{"viadux_x_total", "X.", {{"kind", {"a"}}}};
  metrics.counter(spec).with({"a"}).add();
  metrics.counter(spec).with({"a"}).add();
  EXPECT_THAT(metrics.serialize(), HasSubstr("viadux_x_total{kind=\"a\"} 2\n"));

  const auto other = metrics.declare_counter({"viadux_x_total", "Another help.", {{"kind", {"a"}}}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::refused);
  ASSERT_FALSE(metrics.declare_histogram({"viadux_h_seconds", "H.", {}}, {1, 1}));
  metrics.histogram({"viadux_h_seconds", "H.", {}}, {1, 2});
  EXPECT_FALSE(metrics.declare_gauge({"viadux_h_seconds", "H.", {}}));
}

struct BadName {
  const char* name;
  const char* says;
};
class BadCounterName : public testing::TestWithParam<BadName> {};
TEST_P(BadCounterName, IsRefusedWithTheRule) {
  Metrics metrics;
  const auto declared = metrics.declare_counter({GetParam().name, "Help.", {}});
  ASSERT_FALSE(declared);
  EXPECT_EQ(declared.error().code, ErrorCode::bad_argument);
  EXPECT_THAT(declared.error().message, HasSubstr(GetParam().says));
  EXPECT_THROW(metrics.counter({GetParam().name, "Help.", {}}), std::logic_error);
}
INSTANTIATE_TEST_SUITE_P(
    Names, BadCounterName,
    testing::Values(BadName{"joins_total", "viadux_"}, BadName{"viadux_joins", "_total"},
                    BadName{"viadux_Joins_total", "a-z"}, BadName{"viadux_a__b_total", "empty word"},
                    BadName{"viadux_wait_ms_total", "seconds"}, BadName{"viadux_sent_kb_total", "bytes"},
                    BadName{"viadux_loss_percent_total", "ratio"}, BadName{"viadux_é_total", "a-z"}));

TEST(Metrics, OtherRules) {
  Metrics metrics;
  EXPECT_FALSE(metrics.declare_counter({"viadux_x_total", "", {}}));
  EXPECT_FALSE(metrics.declare_gauge({"viadux_x_total", "X.", {}}));
  EXPECT_FALSE(metrics.declare_gauge({"viadux_x_sum", "X.", {}}));
  EXPECT_FALSE(metrics.declare_counter({"viadux_x_total", "X.", {{"Bad", {"a"}}}}));
  EXPECT_FALSE(metrics.declare_counter({"viadux_x_total", "X.", {{"le", {"a"}}}}));
  EXPECT_FALSE(metrics.declare_counter({"viadux_x_total", "X.", {{"a", {"1"}}, {"a", {"1"}}}}));
  EXPECT_FALSE(
      metrics.declare_counter({"viadux_x_total", "X.", {{"a", {"1", "2", "3"}}, {"b", {"1", "2"}}}, 5}));
  EXPECT_TRUE(
      metrics.declare_counter({"viadux_x_total", "X.", {{"a", {"1", "2", "3"}}, {"b", {"1", "2"}}}, 6}));
}

TEST(Metrics, CollectorsAreSummedAtTheScrape) {
  Metrics metrics;
  int packets = 10;
  const auto worker = [&packets](MetricSink& sink) {
    sink.counter("viadux_media_packets_total", "Packets.", {{"direction", "in"}}, packets);
    sink.gauge("viadux_media_sessions", "Sessions.", {}, 1);
  };
  metrics.add_collector(worker);
  const CollectorId second = metrics.add_collector(worker);
  EXPECT_THAT(metrics.serialize(), HasSubstr("viadux_media_packets_total{direction=\"in\"} 20\n"));
  packets = 11;
  metrics.remove_collector(second);
  const std::string text = metrics.serialize();
  EXPECT_THAT(text, HasSubstr("viadux_media_packets_total{direction=\"in\"} 11\n"));
  EXPECT_THAT(text, HasSubstr("viadux_media_sessions 1\n"));
}

TEST(Metrics, CollectorsKeepTheRulesToo) {
  Metrics metrics;
  metrics.counter({"viadux_taken_total", "Taken.", {}});
  metrics.add_collector([](MetricSink& sink) {
    sink.counter("viadux_packets", "No suffix.", {}, 1);
    sink.counter("viadux_taken_total", "Taken.", {}, 1);
    sink.gauge("viadux_good", "Good.", {{"Bad", "x"}}, 1);
  });
  EXPECT_THAT(metrics.serialize(), Not(HasSubstr("viadux_packets")));
  EXPECT_THAT(metrics.serialize(), HasSubstr("viadux_metrics_rejected_total 6\n"));
}

TEST(Metrics, BuildInfoAndHostileLabelText) {
  Metrics metrics;
  metrics.set_build_info("0.1.0", "a\"b\\c\nd");
  EXPECT_THAT(metrics.serialize(),
              HasSubstr("viadux_build_info{revision=\"a\\\"b\\\\c\\nd\",version=\"0.1.0\"} 1\n"));
}

TEST(Metrics, ManyThreadsLoseNothing) {
  Metrics metrics;
  const auto family = metrics.counter({"viadux_x_total", "X.", {{"kind", {"a", "b"}}}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i)
        family.with({i % 2 ? "a" : "b"}).add();
    });
  for (int i = 0; i < 20; ++i)
    metrics.serialize();
  for (auto& thread : threads)
    thread.join();
  EXPECT_THAT(metrics.serialize(), HasSubstr("viadux_x_total{kind=\"a\"} 4000\n"));
}

// Debian's package `prometheus` brings promtool; where it is not installed our own rules must do.
TEST(Metrics, PromtoolAgrees) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  Metrics metrics;
  metrics.set_build_info("0.1.0", "abc");
  metrics.counter({"viadux_joins_total", "Joins.", {{"protocol", {"whip"}}}}).with({"whip"}).add();
  metrics.histogram({"viadux_join_duration_seconds", "Time.", {}}).with().observe(0.2);
  metrics.add_collector([](MetricSink& s) { s.counter("viadux_sent_bytes_total", "Bytes.", {}, 1e12); });
  const std::string file = testing::TempDir() + "viadux_metrics_" + std::to_string(getpid());
  std::ofstream(file) << metrics.serialize();
  EXPECT_EQ(std::system(("promtool check metrics < " + file + " 2>&1").c_str()), 0);
  std::remove(file.c_str());
}

} // namespace
} // namespace viadux
