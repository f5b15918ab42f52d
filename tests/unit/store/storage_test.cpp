#include "backend.hpp"
#include "core/store/room_repository.hpp"
#include "core/store/schema.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>

namespace viadux::store {
namespace {

using StorageContract = OnBothEngines;

TEST_P(StorageContract, ValuesComeBackAsTheyWent) {
  ASSERT_TRUE(sql("CREATE TABLE t (n BIGINT, s TEXT)"));
  const std::int64_t big = INT64_MIN;
  const auto added = sql(
      "INSERT INTO t (n, s) VALUES (?, ?), (?, ?), (?, ?) RETURNING n",
      {Value(big), Value(std::string("æ")), Value(), Value(), Value(std::int64_t{1}), Value(std::string())});
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->affected, 3);
  EXPECT_EQ(added->rows.size(), 3U);
  const auto rows = sql("SELECT n, s FROM t ORDER BY n IS NULL, n");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->rows[0].integer(0), big);
  EXPECT_EQ(rows->rows[0].text(1), "æ");
  EXPECT_EQ(rows->rows[1].text(1), "");
  EXPECT_FALSE(rows->rows[1].null(1)) << "an empty text is not NULL";
  EXPECT_TRUE(rows->rows[2].null(0));
  EXPECT_TRUE(rows->rows[2].null(1));
  EXPECT_EQ(rows->affected, 0) << "reading changes nothing";
  EXPECT_EQ(sql("UPDATE t SET s = 'x' WHERE n IS NOT NULL")->affected, 2);
}

TEST_P(StorageContract, ErrorsHaveTheSameWords) {
  ASSERT_TRUE(sql("CREATE TABLE t (n BIGINT PRIMARY KEY)"));
  ASSERT_TRUE(sql("INSERT INTO t (n) VALUES (1)"));
  const auto twice = sql("INSERT INTO t (n) VALUES (1)");
  EXPECT_EQ(twice.error().reason, "storage_conflict");
  EXPECT_EQ(twice.error().code, ErrorCode::refused);
  EXPECT_EQ(sql("SELECT nonsense FROM nowhere").error().reason, "storage_failed");
  EXPECT_TRUE(sql("SELECT n FROM t")) << "an error leaves the connection usable";
  EXPECT_TRUE(storage->state().ready);
}

TEST_P(StorageContract, ATransactionThatIsNotCommittedIsUndone) {
  ASSERT_TRUE(sql("CREATE TABLE t (n BIGINT PRIMARY KEY)"));
  for (const bool commit : {false, true})
    ASSERT_TRUE(wait<void>([&](auto done) {
      storage->run<void>(
          [commit](Connection& connection) -> Result<void> {
            Transaction transaction(connection);
            if (!transaction.begun()) return transaction.begun().error();
            if (const auto added = connection.run("INSERT INTO t (n) VALUES (1)"); !added)
              return added.error();
            // A statement that fails in a transaction must not keep the next transaction from working.
            if (!commit) static_cast<void>(connection.run("INSERT INTO t (n) VALUES (1)"));
            return commit ? transaction.commit() : Result<void>();
          },
          done);
    }));
  EXPECT_EQ(sql("SELECT n FROM t")->rows.size(), 1U);
}

TEST_P(StorageContract, DataOutlivesTheProgramAndMigrationsRunOnce) {
  ASSERT_TRUE(
      sql("INSERT INTO tokens (id, hash, role, organisation, label, created_ms, expires_ms, revoked_ms)"
          " VALUES ('a', 'h', '', '', '', 1, 0, 0)"));
  storage.reset();
  open();
  EXPECT_EQ(sql("SELECT id FROM tokens")->rows.size(), 1U);
  EXPECT_EQ(sql("SELECT version FROM schema_version")->rows.at(0).integer(0), schema_version);
}

TEST_P(StorageContract, ADatabaseOfANewerProgramIsLeftAlone) {
  ASSERT_TRUE(sql("UPDATE schema_version SET version = 1000"));
  storage.reset();
  Storage older(loop, {.url = url});
  const auto started = older.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "storage_too_new");
  EXPECT_FALSE(older.state().ready);
}

TEST_P(StorageContract, AnswersComeInOrderAndAllOfThem) {
  ASSERT_TRUE(sql("CREATE TABLE t (n BIGINT)"));
  std::vector<int> order;
  for (int i = 0; i < 500; ++i)
    storage->run<void>(
        [i](Connection& connection) -> Result<void> {
          const auto added = connection.run("INSERT INTO t (n) VALUES (?)", {Value(std::int64_t{i})});
          if (!added) return added.error();
          return {};
        },
        [&order, i](const Result<void>& added) {
          EXPECT_TRUE(added);
          order.push_back(i);
        });
  ASSERT_TRUE(loop.run_until([&] { return order.size() == 500; }));
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_GE(storage->counters().done, 500U);
}

TEST_P(StorageContract, StoppingFinishesWhatWaits) {
  int answered = 0;
  int good = 0;
  for (int i = 0; i < 50; ++i)
    storage->run<Rows>([](Connection& connection) { return connection.run("SELECT 1"); },
                       [&](const Result<Rows>& rows) {
                         ++answered;
                         good += rows.has_value();
                       });
  storage->stop();
  storage->run<Rows>([](Connection& connection) { return connection.run("SELECT 1"); },
                     [&](const Result<Rows>& rows) {
                       ++answered;
                       EXPECT_EQ(rows.error().code, ErrorCode::cancelled);
                     });
  storage.reset(); // answers outlive the storage
  ASSERT_TRUE(loop.run_until([&] { return answered == 51; }));
  EXPECT_EQ(good, 50);
}

INSTANTIATE_TEST_SUITE_P(On, StorageContract, testing::Values(Engine::sqlite, Engine::postgresql),
                         engine_name);

TEST(Placeholders, AreNumberedOutsideOfQuotes) {
  EXPECT_EQ(number_placeholders("SELECT ?, '?' , \"?\", ? -- "), "SELECT $1, '?' , \"?\", $2 -- ");
  EXPECT_EQ(number_placeholders("SELECT 'it''s ?', ?"), "SELECT 'it''s ?', $1");
}

// ---- what goes wrong

struct Broken : testing::Test {
  Broken() { log_set_level(LogLevel::error); }
  Result<Rows> select(Storage& storage) {
    std::optional<Result<Rows>> result;
    storage.run<Rows>([](Connection& c) { return c.run("SELECT COUNT(*) FROM rooms"); },
                      [&](Result<Rows> rows) { result.emplace(std::move(rows)); });
    EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }));
    return *result;
  }
  bool becomes_ready(Storage& storage) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!storage.state().ready && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return storage.state().ready;
  }
  Folder folder;
  StepLoop loop;
};

TEST_F(Broken, AFileThatIsNoDatabaseIsNamed) {
  const std::string path = folder.file("viadux.db");
  std::ofstream(path) << std::string(8192, 'x');
  Storage storage(loop, {.url = "sqlite:" + path});
  const auto started = storage.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "storage_corrupt");
  EXPECT_NE(started.error().message.find(path), std::string::npos);
  EXPECT_FALSE(storage.state().ready);
  EXPECT_EQ(select(storage).error().reason, "storage_unavailable") << "work is answered at once, not kept";
}

TEST_F(Broken, AMissingFolderIsNamed) {
  Storage storage(loop, {.url = "sqlite:" + folder.file("missing/viadux.db")});
  const auto started = storage.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "storage_unavailable");
  EXPECT_NE(started.error().message.find("missing/viadux.db"), std::string::npos);
}

TEST_F(Broken, ADatabaseDamagedWhileWeRunMakesUsNotReady) {
  const std::string path = folder.file("viadux.db");
  Storage storage(loop, {.url = "sqlite:" + path, .reconnect_min_us = 20'000});
  std::vector<bool> told;
  storage.on_state([&](const StorageState& state) { told.push_back(state.ready); });
  ASSERT_TRUE(storage.start());
  RoomRepository rooms(storage);
  int added = 0;
  for (int i = 0; i < 500; ++i) {
    RoomRow room;
    room.id = room.alias = std::to_string(i);
    room.organisation = "demo";
    room.settings = std::string(2000, 'x');
    rooms.add(room, {}, [&](const Result<void>& done) { added += done.has_value(); });
  }
  ASSERT_TRUE(loop.run_until([&] { return added == 500; }));
  storage.stop(); // into the file, out of the journal
  Storage again(loop, {.url = "sqlite:" + path, .reconnect_min_us = 20'000});
  ASSERT_TRUE(again.start());
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3 * 4096);
    const std::string garbage(static_cast<std::size_t>(std::filesystem::file_size(path)) - 3 * 4096, '\xA5');
    file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
  }
  bool answered = false;
  Error error;
  again.run<Rows>([](Connection& c) { return c.run("SELECT settings FROM rooms ORDER BY settings"); },
                  [&](const Result<Rows>& rows) {
                    answered = true;
                    if (!rows) error = rows.error();
                  });
  ASSERT_TRUE(loop.run_until([&] { return answered; }));
  EXPECT_EQ(error.reason, "storage_corrupt") << error.message;
  EXPECT_FALSE(again.state().ready);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(again.state().ready) << "opening it again does not mend it";
  EXPECT_NE(again.state().message.find("damaged"), std::string::npos) << again.state().message;
}

TEST_F(Broken, ALockedFileIsBusyAndStaysReady) {
  const std::string path = folder.file("viadux.db");
  Storage storage(loop, {.url = "sqlite:" + path});
  ASSERT_TRUE(storage.start());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  std::optional<Error> error;
  storage.run<Rows>([](Connection& c) { return c.run("INSERT INTO plugin_usage VALUES ('p', 0, 0)"); },
                    [&](const Result<Rows>& rows) { error = rows ? Error{} : rows.error(); });
  ASSERT_TRUE(loop.run_until([&] { return error.has_value(); }));
  EXPECT_EQ(error->reason, "storage_busy") << error->message;
  EXPECT_EQ(error->code, ErrorCode::busy);
  EXPECT_TRUE(storage.state().ready);
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_TRUE(select(storage));
}

TEST_F(Broken, TheFileIsForItsOwnerOnly) {
  const std::string path = folder.file("viadux.db");
  Storage storage(loop, {.url = "sqlite:" + path});
  ASSERT_TRUE(storage.start());
  ASSERT_TRUE(select(storage));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat found = {};
    if (::stat((path + suffix).c_str(), &found) == 0) {
      EXPECT_EQ(found.st_mode & 0777U, 0600U) << suffix;
    }
  }
}

TEST_F(Broken, AFullQueueIsBusyAtOnce) {
  Storage storage(loop, {.url = "sqlite::memory:", .queue_limit = 2});
  ASSERT_TRUE(storage.start());
  std::atomic<bool> hold = true;
  int done = 0;
  int busy = 0;
  const auto count = [&](const Result<void>& result) {
    ++done;
    busy += !result && result.error().reason == "storage_busy";
  };
  storage.run<void>(
      [&hold](Connection&) -> Result<void> {
        while (hold)
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return {};
      },
      count);
  for (int i = 0; i < 10; ++i)
    storage.run<void>([](Connection&) -> Result<void> { return {}; }, count);
  ASSERT_TRUE(loop.run_until([&] { return busy >= 8; })) << "the control thread did not wait";
  hold = false;
  ASSERT_TRUE(loop.run_until([&] { return done == 11; }));
  EXPECT_LE(busy, 9);
  EXPECT_EQ(storage.counters().refused, static_cast<std::uint64_t>(busy));
}

TEST_F(Broken, WorkThatWaitedTooLongIsNotDone) {
  Storage storage(loop, {.url = "sqlite::memory:", .queue_deadline_us = 20'000});
  ASSERT_TRUE(storage.start());
  int done = 0;
  bool ran = false;
  storage.run<void>(
      [](Connection&) -> Result<void> {
        std::this_thread::sleep_for(std::chrono::milliseconds(60));
        return {};
      },
      [&](const Result<void>& result) { done += result.has_value(); });
  storage.run<void>(
      [&ran](Connection&) -> Result<void> {
        ran = true;
        return {};
      },
      [&](const Result<void>& result) {
        EXPECT_EQ(result.error().code, ErrorCode::timeout);
        ++done;
      });
  ASSERT_TRUE(loop.run_until([&] { return done == 2; }));
  EXPECT_FALSE(ran);
  EXPECT_EQ(storage.counters().timed_out, 1U);
}

TEST_F(Broken, AnAnswerSurvivesALoopThatIsFull) {
  Storage storage(loop, {.url = "sqlite::memory:"});
  ASSERT_TRUE(storage.start());
  loop.refuse_posts(true);
  bool answered = false;
  storage.run<Rows>([](Connection& c) { return c.run("SELECT 1"); },
                    [&](const Result<Rows>&) { answered = true; });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  loop.refuse_posts(false);
  EXPECT_TRUE(loop.run_until([&] { return answered; }));
}

TEST_F(Broken, PostgresAwayAtTheStartIsToldWithoutThePassword) {
  Storage storage(loop, {.url = "host=" + folder.file("") + " user=viadux password=hunter2 dbname=x"});
  const auto started = storage.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "storage_unavailable");
  EXPECT_EQ(started.error().message.find("hunter2"), std::string::npos);
  EXPECT_EQ(storage.state().message.find("hunter2"), std::string::npos);
}

TEST_F(Broken, PostgresThatCrashesIsFoundAgain) {
  PostgresServer server;
  const std::string url = server.new_database();
  Storage storage(loop, {.url = url, .reconnect_min_us = 50'000, .reconnect_max_us = 200'000});
  std::vector<bool> told;
  storage.on_state([&](const StorageState& state) { told.push_back(state.ready); });
  ASSERT_TRUE(storage.start());
  ASSERT_TRUE(select(storage));
  server.stop();
  const Result<Rows> lost = select(storage);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().reason, "storage_unavailable");
  EXPECT_EQ(lost.error().code, ErrorCode::busy);
  EXPECT_FALSE(storage.state().ready);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(select(storage).error().reason, "storage_unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1))
      << "nobody waits for the back-off";
  std::this_thread::sleep_for(std::chrono::milliseconds(300)); // some attempts fail
  server.start();
  ASSERT_TRUE(becomes_ready(storage));
  EXPECT_TRUE(select(storage)) << "statements are prepared anew on the new connection";
  EXPECT_EQ(storage.counters().reconnects, 1U);
  EXPECT_TRUE(loop.run_until([&] { return !told.empty() && told.back(); }));
  EXPECT_EQ(told.front(), true);
}

} // namespace
} // namespace viadux::store
