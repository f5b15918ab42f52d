#include "core/http/text.hpp"
#include "server_fixture.hpp"

#include <filesystem>
#include <fstream>

namespace viadux {
namespace {

using testing::HasSubstr;

class StaticFilesTest : public HttpServerTest {
 protected:
  StaticFilesTest() : folder_(testing::TempDir() + "viadux_static_" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_ + "/web/sub");
    write("web/index.html", "<h1>hello</h1>");
    write("web/app.js", script_);
    write("web/sub/index.html", "sub");
    write("web/\xC3\xA6.txt", "danish");
    write("web/.hidden", "secret");
    write("web/picture.png", std::string(2000, 'p'));
    write("outside.txt", "secret");
    std::filesystem::create_symlink("../outside.txt", folder_ + "/web/link.txt");
    std::filesystem::create_symlink("app.js", folder_ + "/web/inside.js");
  }
  ~StaticFilesTest() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  void start_files(const std::string& prefix = "/app", StaticFileOptions options = {}) {
    start([&](HttpServer& server) {
      const auto id = server.static_files(prefix, folder_ + "/web", std::move(options));
      ASSERT_TRUE(id) << id.error().message;
    });
  }
  RawResponse get(const std::string& path, const std::string& headers = {}) {
    RawClient client(port());
    client.get(path, headers);
    return client.response();
  }
  const std::string folder_;
  const std::string script_ = "// a script\n" + std::string(5000, 'x');
};

TEST_F(StaticFilesTest, ServesWithTypeAndSecurityHeaders) {
  start_files();
  const RawResponse index = get("/app/");
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(index.body, "<h1>hello</h1>");
  EXPECT_EQ(index.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(index.headers.at("cache-control"), "no-cache");
  EXPECT_THAT(index.headers.at("content-security-policy"), HasSubstr("default-src 'self'"));
  EXPECT_EQ(index.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(get("/app/app.js").body, script_);
  EXPECT_EQ(get("/app/%C3%A6.txt").body, "danish");
  EXPECT_EQ(get("/app/sub/").body, "sub");
  EXPECT_EQ(get("/app/inside.js").status, 200);
  EXPECT_EQ(get("/app/picture.png").headers.at("content-type"), "image/png");
}

TEST_F(StaticFilesTest, OneFileForAllPathsOfAPattern) {
  start([this](HttpServer& server) {
    ASSERT_TRUE(server.static_file("/{name}", folder_ + "/web", "index.html"));
    ASSERT_TRUE(server.static_files("/app", folder_ + "/web"));
    EXPECT_FALSE(server.static_file("/x/{name}", folder_ + "/web", "none.html"));
  });
  EXPECT_EQ(get("/anything").body, "<h1>hello</h1>");
  EXPECT_EQ(get("/a%2fb").body, "<h1>hello</h1>");
  EXPECT_THAT(get("/anything").headers.at("content-security-policy"), HasSubstr("default-src 'self'"));
  EXPECT_EQ(get("/app/app.js").body, script_);
  EXPECT_EQ(get("/two/parts").status, 404);
}

TEST_F(StaticFilesTest, FoldersGetTheirSlash) {
  start_files();
  const RawResponse bare = get("/app?x=1");
  EXPECT_EQ(bare.status, 308);
  EXPECT_EQ(bare.headers.at("location"), "/app/");
  EXPECT_EQ(get("/app/sub").headers.at("location"), "/app/sub/");
}

TEST_F(StaticFilesTest, AtTheRootBesideOtherRoutes) {
  start([this](HttpServer& server) {
    ASSERT_TRUE(server.static_files("/", folder_ + "/web"));
    ASSERT_TRUE(server.route("GET", "/api",
                             [](const HttpRequest&, HttpResponder r) { r.respond(text_response("api")); }));
    EXPECT_FALSE(server.static_files("/x", folder_ + "/none"));
  });
  EXPECT_EQ(get("/").body, "<h1>hello</h1>");
  EXPECT_EQ(get("/api").body, "api");
  EXPECT_EQ(get("/sub/index.html").body, "sub");
  EXPECT_EQ(get("/nothing").status, 404);
}

TEST_F(StaticFilesTest, NothingOutside) {
  start_files();
  for (const char* path : {"/app/../outside.txt", "/app/%2e%2e/outside.txt", "/app/..%2foutside.txt",
                           "/app/sub/../../outside.txt", "/app//etc/passwd", "/app/%2fetc/passwd",
                           "/app/link.txt", "/app/.hidden", "/app/%2ehidden", "/app/..\\outside.txt",
                           "/app/sub%2findex.html", "/app/app.js/", "/app/app.js%00.html"}) {
    const RawResponse response = get(path);
    EXPECT_TRUE(response.status == 404 || response.status == 400) << path << " gave " << response.status;
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
}

TEST_F(StaticFilesTest, NoListing) {
  start_files("/app", {.index = ""});
  EXPECT_EQ(get("/app/").status, 404);
  EXPECT_EQ(get("/app/sub/").status, 404);
}

TEST_F(StaticFilesTest, Conditions) {
  start_files();
  const RawResponse first = get("/app/app.js");
  const std::string tag = first.headers.at("etag");
  const RawResponse again = get("/app/app.js", "If-None-Match: \"x\", " + tag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.headers.at("etag"), tag);
  EXPECT_TRUE(again.body.empty());
  EXPECT_FALSE(again.headers.contains("content-length"));
  EXPECT_EQ(get("/app/app.js", "If-None-Match: \"x\"\r\n").status, 200);
  EXPECT_EQ(get("/app/app.js", "If-Modified-Since: " + first.headers.at("last-modified") + "\r\n").status,
            304);
  EXPECT_EQ(get("/app/app.js", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n").status, 200);
  // The tag goes before the date.
  EXPECT_EQ(get("/app/app.js",
                "If-None-Match: \"x\"\r\nIf-Modified-Since: " + first.headers.at("last-modified") + "\r\n")
                .status,
            200);
  write("web/app.js", "changed");
  const RawResponse changed = get("/app/app.js", "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, "changed");
}

TEST_F(StaticFilesTest, Compression) {
  start_files();
  const RawResponse plain = get("/app/app.js");
  const RawResponse packed = get("/app/app.js", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(packed.headers.at("vary"), "Accept-Encoding");
  EXPECT_EQ(packed.body, gzip(script_));
  EXPECT_NE(packed.headers.at("etag"), plain.headers.at("etag"));
  EXPECT_EQ(
      get("/app/app.js", "Accept-Encoding: gzip\r\nIf-None-Match: " + packed.headers.at("etag") + "\r\n")
          .status,
      304);
  EXPECT_FALSE(get("/app/picture.png", "Accept-Encoding: gzip\r\n").headers.contains("content-encoding"));
  EXPECT_FALSE(get("/app/", "Accept-Encoding: gzip\r\n").headers.contains("content-encoding")); // too small
}

TEST_F(StaticFilesTest, TooLargeIsNotServedAndTheCacheIsBounded) {
  for (int i = 0; i < 20; ++i)
    write("web/f" + std::to_string(i) + ".png", std::string(1000, static_cast<char>('a' + i)));
  start_files("/app", {.cache_bytes = 5000, .max_file_bytes = 4000});
  EXPECT_EQ(get("/app/app.js").status, 404);
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 20; ++i)
      EXPECT_EQ(get("/app/f" + std::to_string(i) + ".png").body,
                std::string(1000, static_cast<char>('a' + i)));
}

TEST_F(StaticFilesTest, AHandlerMayAnswerWithAFileOfTheFirstFolderThatHasIt) {
  write("web/sub/picture.png", "of the sub");
  start([&](HttpServer& server) {
    ASSERT_TRUE(server.route("GET", "/theme", [&](const HttpRequest& request, HttpResponder responder) {
      HttpResponse response = text_response("none", 404);
      response.headers.set("Cache-Control", "no-store");
      response.headers.set("X-More", "yes");
      response.file = HttpFile{{folder_ + "/nowhere", folder_ + "/web/sub", folder_ + "/web"},
                               std::string(request.query_param("name").value_or(""))};
      responder.respond(std::move(response));
    }));
  });
  const RawResponse first = get("/theme?name=picture.png");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "of the sub");
  EXPECT_EQ(first.headers.at("content-type"), "image/png");
  EXPECT_EQ(first.headers.at("cache-control"), "no-cache");
  EXPECT_EQ(first.headers.at("x-more"), "yes");
  EXPECT_EQ(get("/theme?name=picture.png", "If-None-Match: " + first.headers.at("etag") + "\r\n").status,
            304);
  EXPECT_EQ(get("/theme?name=sub/picture.png").body, "of the sub");
  EXPECT_EQ(get("/theme?name=app.js", "Accept-Encoding: gzip\r\n").headers.at("content-encoding"), "gzip");
  write("web/large.png", std::string(2 * 1024 * 1024 + 1, 'x'));
  for (const char* name : {"none.png", ".hidden", "link.txt", "../outside.txt", "%2e%2e/outside.txt", "sub",
                           "", "/picture.png", "large.png"}) {
    const RawResponse none = get(std::string("/theme?name=") + name);
    EXPECT_EQ(none.status, 404) << name;
    EXPECT_EQ(none.headers.contains("etag"), false) << name;
  }
}

TEST_F(StaticFilesTest, OnlyGetAndHead) {
  start_files();
  RawClient client(port());
  client.send("HEAD /app/app.js HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawResponse head = client.response(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(script_.size()));
  client.send("POST /app/app.js HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.response().status, 405);
}

} // namespace
} // namespace viadux
