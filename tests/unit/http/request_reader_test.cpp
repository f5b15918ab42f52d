#include "core/http/request_reader.hpp"

#include <gmock/gmock.h>

namespace viadux {
namespace {

using State = RequestReader::State;

struct Outcome {
  State state;
  int status = 0;
};

// Feeds `text` in pieces of `piece` bytes.
Outcome read(RequestReader& reader, std::string_view text, std::size_t piece = 1 << 20,
             std::size_t max_body = 100) {
  std::string buffer;
  while (!text.empty()) {
    buffer += text.substr(0, piece);
    text.remove_prefix(std::min(piece, text.size()));
    if (reader.feed(buffer) == State::head) {
      reader.read_body(max_body);
      reader.feed(buffer);
    }
    if (reader.state() == State::failed) break;
  }
  return {reader.state(), reader.error_status()};
}

class RequestReaderTest : public testing::TestWithParam<std::size_t> {};

TEST_P(RequestReaderTest, WholeRequests) {
  RequestReader reader{HttpLimits{}};
  EXPECT_EQ(read(reader, "\r\nPOST /a?b=c HTTP/1.1\r\nHost: X:81\r\nContent-Length: 3\r\n\r\nxyz", GetParam())
                .state,
            State::complete);
  EXPECT_EQ(reader.request().method, "POST");
  EXPECT_EQ(reader.request().path, "/a");
  EXPECT_EQ(reader.request().host, "x");
  EXPECT_EQ(reader.request().host_port, 81);
  EXPECT_EQ(reader.request().body, "xyz");
  EXPECT_TRUE(reader.keep_alive());
  reader.reset();
  EXPECT_EQ(read(reader,
                 "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n2;ext=1\r\nab\r\n1\r\nc\r\n0\r\nTrail: er\r\n\r\n",
                 GetParam())
                .state,
            State::complete);
  EXPECT_EQ(reader.request().body, "abc");
  EXPECT_FALSE(reader.request().headers.has("Trail"));
}
INSTANTIATE_TEST_SUITE_P(Pieces, RequestReaderTest, testing::Values(1, 2, 7, 1000));

// Also byte by byte, where the first chunk is the last one.
TEST_P(RequestReaderTest, ABodyOfNoChunks) {
  RequestReader reader{HttpLimits{}};
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string_view end : {"0\r\n\r\n", "0\r\nA: b\r\n\r\n"}) {
    EXPECT_EQ(read(reader, head + std::string(end), GetParam()).state, State::complete) << end;
    EXPECT_EQ(reader.request().body, "");
    reader.reset();
  }
}

// Four bytes of a body that look like the last chunk's begin are a body.
TEST_P(RequestReaderTest, ABodyThatLooksLikeTheLastChunk) {
  RequestReader reader{HttpLimits{}};
  const std::string text =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0\r\nx\r\n0\r\n\r\n";
  EXPECT_EQ(read(reader, text, GetParam()).state, State::complete);
  EXPECT_EQ(reader.request().body, "0\r\nx");
}

TEST(RequestReader, LeavesThePipelinedNextRequest) {
  RequestReader reader{HttpLimits{}};
  std::string buffer =
      "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(reader.feed(buffer), State::head);
  reader.read_body(10);
  ASSERT_EQ(reader.feed(buffer), State::complete);
  EXPECT_EQ(buffer, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  reader.reset();
  ASSERT_EQ(reader.feed(buffer), State::head);
  reader.read_body(10);
  EXPECT_EQ(reader.state(), State::complete);
  EXPECT_EQ(reader.request().path, "/2");
}

struct Bad {
  const char* text;
  int status;
};
class BadRequest : public testing::TestWithParam<Bad> {};
TEST_P(BadRequest, IsRefused) {
  RequestReader reader{HttpLimits{}};
  const Outcome outcome = read(reader, GetParam().text);
  EXPECT_EQ(outcome.state, State::failed) << GetParam().text;
  EXPECT_EQ(outcome.status, GetParam().status) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Requests, BadRequest,
    testing::Values(
        Bad{"NONSENSE\r\n\r\n", 400}, Bad{"GET / HTTP/1.1\r\n\r\n", 400},
        Bad{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Bad{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400}, Bad{"GET /../a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Bad{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        Bad{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", 413},
        Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Bad{"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400}, Bad{"GET / HTTP/1.1\r\nHo\x01st: a\r\n\r\n", 400}));

TEST(RequestReader, Limits) {
  HttpLimits limits;
  limits.header_bytes = 1000;
  limits.target_bytes = 200;
  RequestReader reader{limits};
  EXPECT_EQ(read(reader, "GET /" + std::string(250, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 414);
  reader.reset();
  EXPECT_EQ(read(reader, "GET /" + std::string(5000, 'a'), 100).status, 414);
  reader.reset();
  EXPECT_EQ(read(reader, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'a'), 100).status, 431);
  reader.reset();
  EXPECT_EQ(read(reader, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(700, 'a') + "\r\n\r\n", 100).state,
            State::complete);
  reader.reset();
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 300; ++i)
    many += "a: b\r\n";
  EXPECT_EQ(read(reader, many + "\r\n", 50).status, 431);
  reader.reset();
  EXPECT_EQ(
      read(reader,
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(5000, 'x'), 100)
          .status,
      400);
}

TEST(RequestReader, KeepAliveAndExpect) {
  RequestReader reader{HttpLimits{}};
  read(reader, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(reader.keep_alive());
  reader.reset();
  read(reader, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(reader.keep_alive());
  reader.reset();
  std::string buffer = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
  ASSERT_EQ(reader.feed(buffer), State::head);
  EXPECT_TRUE(reader.expects_continue());
}

} // namespace
} // namespace viadux
