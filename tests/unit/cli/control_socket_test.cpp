#include "core/cli/control_socket.hpp"

#include "core/auth/memory_tokens.hpp"
#include "core/cli/token_commands.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace viadux {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class ControlSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "viadux_control_" + std::to_string(::getpid()) + "/s";
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path());
    auto opened = ControlSocket::open(loop_, path_);
    ASSERT_TRUE(opened) << opened.error().message;
    socket_ = std::move(*opened);
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path());
  }

  void start() {
    thread_ = std::thread([this] { loop_.run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    loop_.post([this] {
      socket_.reset();
      loop_.stop();
    });
    thread_.join();
  }
  // A connection by hand, to send what no client of ours would.
  std::string talk(const std::string& text) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t count = ::send(descriptor, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    ::shutdown(descriptor, SHUT_WR);
    std::string answer;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::recv(descriptor, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(descriptor);
    return answer;
  }

  AsioLoop loop_;
  std::string path_;
  std::unique_ptr<ControlSocket> socket_;
  std::thread thread_;
};

TEST_F(ControlSocketTest, AnswersNowAndLater) {
  socket_->register_command("echo.now", [](const json::object& arguments) -> Result<json::value> {
    return json::value(arguments);
  });
  socket_->register_command("echo.later",
                            [this](const json::object& arguments, ControlSocket::Answer answer) {
                              loop_.after(1000, [answer = std::move(answer), arguments] {
                                answer(json::value(arguments));
                                answer(json::value("a second answer is not heard"));
                              });
                            });
  socket_->register_command("fail.now", [](const json::object&) -> Result<json::value> {
    return make_error(ErrorCode::refused, "why", "what", "where", "hint");
  });
  start();
  const json::object arguments{{"a", 1}};
  EXPECT_EQ(*call_control_socket(path_, "echo.now", arguments), json::value(arguments));
  EXPECT_EQ(*call_control_socket(path_, "echo.later", arguments), json::value(arguments));
  const Result<json::value> failed = call_control_socket(path_, "fail.now", {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::refused);
  EXPECT_EQ(failed.error().reason, "why");
  EXPECT_EQ(failed.error().hint, "hint");
  EXPECT_EQ(call_control_socket(path_, "nothing", {}).error().reason, "command_unknown");
}

TEST_F(ControlSocketTest, SeveralQuestionsOnOneConnection) {
  socket_->register_command("ping",
                            [](const json::object&) -> Result<json::value> { return json::value("pong"); });
  start();
  EXPECT_EQ(talk("{\"command\":\"ping\"}\n{\"command\":\"ping\"}\n"),
            "{\"result\":\"pong\"}\n{\"result\":\"pong\"}\n");
}

TEST_F(ControlSocketTest, NonsenseIsRefusedAndNothingElseChanges) {
  socket_->register_command("ping",
                            [](const json::object&) -> Result<json::value> { return json::value("pong"); });
  start();
  for (const char* line : {"\n", "x\n", "[]\n", "{\"command\":1}\n", "\xFF\n"}) {
    EXPECT_THAT(talk(line), HasSubstr("question_malformed")) << line;
  }
  EXPECT_THAT(talk(std::string(100'000, '[') + "\n"), HasSubstr("question_malformed"));
  EXPECT_EQ(talk("no line end"), "");
  (void)talk(std::string(1'000'000, 'x')); // closed; the refusal may be lost with the bytes that nobody read
  EXPECT_EQ(*call_control_socket(path_, "ping", {}), json::value("pong"));
}

TEST_F(ControlSocketTest, OnlyItsOwnerMayOpenIt) {
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(ControlSocketTest, ASecondServerIsRefusedAndADeadOnesSocketTaken) {
  start();
  AsioLoop other;
  const auto second = ControlSocket::open(other, path_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another server is running"));
  stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
  // What a killed server leaves: a socket that nobody listens on.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(descriptor);
  EXPECT_TRUE(ControlSocket::open(other, path_));
  EXPECT_FALSE(ControlSocket::open(other, std::string(200, 'x')));
}

TEST_F(ControlSocketTest, ASilentClientDoesNotKeepTheServerFromEnding) {
  start();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  // One question, so that it is surely in; then silence.
  const std::string question = "{\"command\":\"nothing\"}\n";
  ASSERT_EQ(::send(descriptor, question.data(), question.size(), 0), static_cast<ssize_t>(question.size()));
  char byte = 0;
  while (byte != '\n')
    ASSERT_EQ(::recv(descriptor, &byte, 1, 0), 1);
  stop();
  EXPECT_EQ(::recv(descriptor, &byte, 1, 0), 0);
  ::close(descriptor);
}

TEST_F(ControlSocketTest, WithoutAServerTheClientSaysSo) {
  const Result<json::value> answer = call_control_socket("/nowhere/socket", "ping", {});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("no server is running at /nowhere/socket"));
}

TEST_F(ControlSocketTest, TokensByCommand) {
  MemoryTokens tokens(loop_);
  Auth auth(loop_, tokens, nullptr);
  register_token_commands(*socket_, auth);
  start();
  const auto made =
      call_control_socket(path_, "token.new", {{"role", "viewer"}, {"label", "x"}, {"lifetime_ms", 1000}});
  ASSERT_TRUE(made) << made.error().message;
  const std::string token(made->at("token").as_string());
  EXPECT_THAT(token, testing::StartsWith("vdx_"));
  const auto listed = call_control_socket(path_, "token.list", {});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->as_array().size(), 1U);
  EXPECT_EQ(listed->at(0).at("id"), made->at("id"));
  EXPECT_EQ(json::serialize(*listed).find(token), std::string::npos);
  EXPECT_TRUE(call_control_socket(path_, "token.revoke", {{"id", made->at("id")}}));
  EXPECT_EQ(call_control_socket(path_, "token.revoke", {{"id", "x"}}).error().reason, "token_unknown");
  const auto wrong = call_control_socket(path_, "token.new", {{"role", "viewr"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().hint, "did you mean viewer?");
  stop(); // before auth goes
}

} // namespace
} // namespace viadux
