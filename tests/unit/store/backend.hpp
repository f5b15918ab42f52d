// The two engines, for tests that both have to pass.
#pragma once

#include "core/log/log.hpp"
#include "core/store/storage.hpp"
#include "postgres_server.hpp"
#include "step_loop.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <optional>
#include <unistd.h>

namespace viadux {

// A folder of the test's own.
class Folder {
 public:
  Folder() {
    std::string name = "/tmp/viadux-store-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class OnBothEngines : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    log_set_level(LogLevel::error);
    url = GetParam() == store::Engine::sqlite ? "sqlite:" + folder.file("viadux.db")
                                              : PostgresServer::shared().new_database();
    open();
  }
  void open(store::StorageOptions options = {}) {
    options.url = url;
    storage.emplace(loop, options);
    const auto started = storage->start();
    ASSERT_TRUE(started) << started.error().message;
  }

  // Calls `call` with a Done<T> and waits for its answer.
  template <class T, class Call>
  Result<T> wait(Call call) {
    std::optional<Result<T>> result;
    call([&](Result<T> answer) { result.emplace(std::move(answer)); });
    EXPECT_FALSE(result) << "answered from inside the call";
    EXPECT_TRUE(loop.run_until([&] { return result.has_value(); })) << "never answered";
    return *result;
  }
  // One statement on the storage thread.
  Result<store::Rows> sql(const std::string& text, std::vector<store::Value> values = {}) {
    return wait<store::Rows>([&](auto done) {
      storage->run<store::Rows>([text, values](store::Connection& c) { return c.run(text, values); }, done);
    });
  }

  Folder folder;
  StepLoop loop;
  std::string url;
  std::optional<store::Storage> storage;
};

inline std::string engine_name(const testing::TestParamInfo<store::Engine>& parameter) {
  return parameter.param == store::Engine::sqlite ? "sqlite" : "postgresql";
}

} // namespace viadux
