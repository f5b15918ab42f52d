// TLS against curl, an implementation that is not ours; certificates; reload.
#include "core/http/certificate.hpp"
#include "server_fixture.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t now_s = 1'790'000'000;
constexpr std::int64_t day_s = 86'400;

class TlsTest : public HttpServerTest {
 protected:
  TlsTest() : folder_(testing::TempDir() + "viadux_tls_" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
    options_.listen = {{"127.0.0.1", 0, false}, {"127.0.0.1", 0, true}};
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_new_certificate() const {
    const auto made = make_certificate({"localhost"}, SystemClock().wall_ms() / 1000);
    ASSERT_TRUE(made);
    write("cert.pem", made->certificate);
    write("key.pem", made->key);
  }
  void start_hello() {
    start([](HttpServer& server) {
      ASSERT_TRUE(server.route("GET", "/hello", [](const HttpRequest& request, HttpResponder responder) {
        responder.respond(text_response(std::string(request.tls ? "tls" : "plain") + " " + request.origin()));
      }));
      ASSERT_TRUE(server.route("POST", "/size", [](const HttpRequest& request, HttpResponder responder) {
        responder.respond(text_response(std::to_string(request.body.size())));
      }));
    });
  }
  std::string url(const std::string& path) {
    return "https://localhost:" + std::to_string(server_->port(true)) + path;
  }
  // Output and errors of curl.
  static std::string curl(const std::string& arguments) {
    FILE* pipe = ::popen(("curl -sS --max-time 10 --noproxy '*' " + arguments + " 2>&1").c_str(), "r");
    std::string text;
    char part[4096];
    while (const std::size_t got = std::fread(part, 1, sizeof part, pipe))
      text.append(part, got);
    ::pclose(pipe);
    return text;
  }
  const std::string folder_;
};

TEST_F(TlsTest, SelfMadeCertificateVerifies) {
  options_.tls.self_made_directory = folder_ + "/made";
  start_hello();
  const std::string ca = "--cacert " + folder_ + "/made/certificate.pem ";
  EXPECT_EQ(curl(ca + url("/hello")), "tls https://localhost:" + std::to_string(server_->port(true)));
  EXPECT_THAT(curl(url("/hello")), HasSubstr("self-signed")); // unknown to others
  EXPECT_THAT(curl("-k -v " + url("/hello")), HasSubstr("ALPN: server accepted http/1.1"));
  struct stat status {};
  ASSERT_EQ(::stat((folder_ + "/made/key.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(server_->certificate_fingerprint(), certificate_sha256(read("made/certificate.pem")));
}

TEST_F(TlsTest, OldTlsIsRefused) {
  start_hello();
  EXPECT_THAT(curl("-k --tlsv1.2 --tls-max 1.2 " + url("/hello")), HasSubstr("tls https"));
  EXPECT_THAT(curl("-k --tlsv1.3 " + url("/hello")), HasSubstr("tls https"));
  EXPECT_THAT(curl("-k --tlsv1.0 --tls-max 1.1 --ciphers DEFAULT:@SECLEVEL=0 " + url("/hello")),
              Not(HasSubstr("tls https")));
}

TEST_F(TlsTest, KeepAliveAndLargeBodies) {
  start_hello();
  write("body", std::string(900'000, 'b'));
  const std::string body = "-k --data-binary @" + folder_ + "/body ";
  const std::string result = curl("-v " + body + url("/size") + " " + url("/size"));
  EXPECT_THAT(result, HasSubstr("900000"));
  EXPECT_THAT(result, HasSubstr("Re-using existing connection"));
  write("body", std::string(5'000'000, 'b'));
  EXPECT_THAT(curl(body + url("/size")), HasSubstr("\"status\":413"));
  EXPECT_THAT(curl("-H 'Transfer-Encoding: chunked' " + body + url("/size")), HasSubstr("\"status\":413"));
}

TEST_F(TlsTest, ReloadGivesNewConnectionsTheNewCertificate) {
  write_new_certificate();
  options_.tls.certificate_file = folder_ + "/cert.pem";
  options_.tls.key_file = folder_ + "/key.pem";
  start_hello();
  const std::string old_pem = read("cert.pem");
  const std::string old_fingerprint = server_->certificate_fingerprint();
  write("old.pem", old_pem);
  EXPECT_THAT(curl("--cacert " + folder_ + "/old.pem " + url("/hello")), HasSubstr("tls https"));

  write_new_certificate();
  ASSERT_TRUE(control([this] { return server_->reload_certificate().has_value(); }));
  EXPECT_NE(server_->certificate_fingerprint(), old_fingerprint);
  EXPECT_THAT(curl("--cacert " + folder_ + "/cert.pem " + url("/hello")), HasSubstr("tls https"));
  EXPECT_THAT(curl("--cacert " + folder_ + "/old.pem " + url("/hello")), HasSubstr("certificate"));

  // A key of another certificate is refused and changes nothing.
  const std::string fingerprint = server_->certificate_fingerprint();
  write("cert.pem", old_pem);
  const auto refused = control([this] { return server_->reload_certificate(); });
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("private key"));
  write("cert.pem", "rubbish");
  EXPECT_FALSE(control([this] { return server_->reload_certificate().has_value(); }));
  EXPECT_EQ(server_->certificate_fingerprint(), fingerprint);
}

TEST_F(TlsTest, PlainTextOnTheTlsPortIsCounted) {
  start_hello();
  RawClient client(server_->port(true));
  client.get("/hello");
  EXPECT_TRUE(client.take_until("HTTP/1.1 200").empty());
  EXPECT_TRUE(metric_comes("viadux_http_refused_total{reason=\"tls_handshake\"} 1\n"));
  EXPECT_TRUE(metric_comes("viadux_http_connections{transport=\"tls\"} 0\n"));
}

TEST_F(TlsTest, MissingFilesAreAKindErrorAtTheStart) {
  options_.tls.certificate_file = folder_ + "/none.pem";
  control([this] {
    HttpServer half(options_, loop_, metrics_);
    EXPECT_THAT(half.start().error().message, HasSubstr("its key's file"));
    options_.tls.key_file = folder_ + "/none.key";
    HttpServer server(options_, loop_, metrics_);
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("none.pem' cannot be opened: No such file"));
  });
}

TEST_F(TlsTest, SelfMadeIsKeptUntilItNoLongerServes) {
  HttpTls tls;
  tls.self_made_directory = folder_ + "/made";
  const auto fingerprint_at = [&](std::int64_t at_s) {
    const auto pem = load_certificate(tls, at_s);
    return pem ? certificate_sha256(pem->certificate) : pem.error().message;
  };
  const std::string first = fingerprint_at(now_s);
  EXPECT_EQ(fingerprint_at(now_s + 300 * day_s), first);
  const std::string renewed = fingerprint_at(now_s + 370 * day_s); // close to its end
  EXPECT_NE(renewed, first);
  tls.self_made_names.push_back("meet.example.org");
  const std::string named = fingerprint_at(now_s + 370 * day_s);
  EXPECT_NE(named, renewed);
  EXPECT_EQ(fingerprint_at(now_s + 370 * day_s), named);
  tls.self_made_directory = "/proc/viadux";
  EXPECT_THAT(fingerprint_at(now_s), HasSubstr("cannot write '/proc/viadux/key.pem'"));
}

TEST_F(TlsTest, NamesCannotSmuggleConfiguration) {
  const auto made = make_certificate({"ok.example", "evil,DNS:other.example", "x\nCA:TRUE", "a:b"}, now_s);
  ASSERT_TRUE(made);
  write("made.pem", made->certificate);
  FILE* pipe = ::popen(("openssl x509 -noout -text -in " + folder_ + "/made.pem").c_str(), "r");
  std::string text(20'000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), pipe));
  ::pclose(pipe);
  EXPECT_THAT(text, HasSubstr("DNS:ok.example\n"));
  EXPECT_THAT(text, Not(HasSubstr("other.example")));
  EXPECT_THAT(text, HasSubstr("CA:FALSE"));
}

} // namespace
} // namespace viadux
