// The contract of the repositories, on both engines.
#include "backend.hpp"
#include "core/store/plugin_repository.hpp"
#include "core/store/room_repository.hpp"
#include "core/store/sweeper.hpp"
#include "core/store/token_repository.hpp"

namespace viadux::store {
namespace {

class Repositories : public OnBothEngines {
 protected:
  void SetUp() override {
    OnBothEngines::SetUp();
    rooms.emplace(*storage);
    tokens.emplace(*storage);
    data.emplace(*storage, PluginCaps{.keys = 3, .bytes = 100});
  }
  static RoomRow row(const std::string& alias, const std::string& organisation = "demo") {
    RoomRow room;
    room.id = organisation + "-" + alias;
    room.organisation = organisation;
    room.alias = alias;
    room.settings = "{\"name\":\"Stue ø\"}";
    room.host_pin = "0042";
    room.created_ms = 1'700'000'000'123;
    return room;
  }
  std::string add(const RoomRow& room, RoomCaps caps = {}) {
    const auto added = wait<void>([&](auto done) { rooms->add(room, caps, done); });
    return added ? "added" : added.error().reason;
  }
  Result<RoomRow> find(const std::string& organisation, const std::string& alias) {
    return wait<RoomRow>([&](auto done) { rooms->find(organisation, alias, done); });
  }
  std::string put(const std::string& plugin, PluginEntry entry) {
    const auto answer = wait<void>([&](auto done) { data->put(plugin, std::move(entry), done); });
    return answer ? "put" : answer.error().reason;
  }
  std::string get(const std::string& plugin, const std::string& key, std::int64_t now_ms = 0) {
    const auto answer = wait<PluginEntry>([&](auto done) { data->get(plugin, key, now_ms, done); });
    return answer ? answer->value : answer.error().reason;
  }

  std::optional<RoomRepository> rooms;
  std::optional<TokenRepository> tokens;
  std::optional<PluginRepository> data;
};

TEST_P(Repositories, ARoomComesBackAsItWas) {
  RoomRow room = row("stue");
  room.guest_pin = "1111";
  room.opens_ms = 5;
  room.expires_ms = 9'000'000'000'000'000;
  room.on_demand = true;
  EXPECT_EQ(add(room), "added");
  const auto found = find("demo", "stue");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, room.id);
  EXPECT_EQ(found->settings, room.settings);
  EXPECT_EQ(found->host_pin, "0042") << "a PIN is text, not a number";
  EXPECT_EQ(found->guest_pin, "1111");
  EXPECT_EQ(found->created_ms, room.created_ms);
  EXPECT_EQ(found->opens_ms, 5);
  EXPECT_EQ(found->expires_ms, room.expires_ms);
  EXPECT_TRUE(found->on_demand);
  EXPECT_EQ(find("demo", "Stue").error().reason, "room_unknown");
  EXPECT_EQ(find("demo", "").error().code, ErrorCode::not_found);
}

TEST_P(Repositories, AnAliasIsTakenOncePerOrganisation) {
  EXPECT_EQ(add(row("a")), "added");
  RoomRow again = row("a");
  again.id = "another";
  EXPECT_EQ(add(again), "alias_taken");
  EXPECT_EQ(add(row("a", "other")), "added");
  EXPECT_EQ(find("other", "a")->id, "other-a");
}

TEST_P(Repositories, CapsCountPerOrganisation) {
  RoomRow on_demand = row("d1");
  on_demand.on_demand = true;
  const RoomCaps caps{.rooms = 3, .on_demand = 1};
  EXPECT_EQ(add(on_demand, caps), "added");
  on_demand = row("d2");
  on_demand.on_demand = true;
  EXPECT_EQ(add(on_demand, caps), "rooms_full");
  EXPECT_EQ(add(row("a"), caps), "added");
  EXPECT_EQ(add(row("b"), caps), "added");
  EXPECT_EQ(add(row("c"), caps), "rooms_full");
  EXPECT_EQ(add(row("a"), caps), "alias_taken");
  EXPECT_EQ(add(row("c", "other"), caps), "added");
}

TEST_P(Repositories, FindOrAddGivesTheFirst) {
  const auto find_or_add = [&](const RoomRow& room) {
    return wait<RoomRow>([&](auto done) { rooms->find_or_add(room, {.rooms = 1}, done); });
  };
  RoomRow second = row("a");
  second.id = "second";
  EXPECT_EQ(find_or_add(row("a"))->id, "demo-a");
  EXPECT_EQ(find_or_add(second)->id, "demo-a") << "also at the cap";
  EXPECT_EQ(find_or_add(row("b")).error().reason, "rooms_full");
}

TEST_P(Repositories, RoomsAreUpdatedListedRemoved) {
  for (const char* alias : {"b", "a", "c", "Z"})
    EXPECT_EQ(add(row(alias)), "added");
  RoomRow changed = row("a");
  changed.settings = "{}";
  changed.host_pin = "7777";
  EXPECT_TRUE(wait<void>([&](auto done) { rooms->update(changed, done); }));
  EXPECT_EQ(find("demo", "a")->host_pin, "7777");
  changed.id = "nobody";
  EXPECT_EQ(wait<void>([&](auto done) { rooms->update(changed, done); }).error().reason, "room_unknown");
  const auto list = [&](const std::string& after, std::int64_t limit) {
    std::string names;
    const auto rows = wait<std::vector<RoomRow>>([&](auto done) { rooms->list("demo", after, limit, done); });
    for (const RoomRow& room : *rows)
      names += room.alias;
    return names;
  };
  EXPECT_EQ(list("", 10), "Zabc") << "in byte order on both engines";
  EXPECT_EQ(list("Z", 2), "ab");
  EXPECT_EQ(list("c", 2), "");
  EXPECT_TRUE(wait<void>([&](auto done) { rooms->remove("demo-a", done); }));
  EXPECT_EQ(wait<void>([&](auto done) { rooms->remove("demo-a", done); }).error().reason, "room_unknown");
  EXPECT_EQ(list("", 10), "Zbc");
}

TEST_P(Repositories, WhatLooksLikeSqlIsText) {
  const std::string hostile = "'; DROP TABLE rooms; -- ? $1 \" \\";
  EXPECT_EQ(add(row(hostile)), "added");
  EXPECT_EQ(find("demo", hostile)->alias, hostile);
}

TEST_P(Repositories, TextThatIsNotUtf8IsRefusedOnBoth) {
  const std::string bad[] = {std::string("a\0b", 3), "\xff",    "\xc0\xaf", "\xed\xa0\x80",
                             "\xf4\x90\x80\x80",     "\xe2\x82"};
  for (const std::string& alias : bad)
    EXPECT_EQ(add(row(alias)), "storage_text");
  EXPECT_EQ(add(row("\xf0\x9f\x98\x80")), "added");
}

TEST_P(Repositories, TokensAreFoundByHashAndRevokedOnce) {
  const TokenRow token{"t1", "hash1", "operator", "demo", "vagt", 10, 20, 0};
  const auto add_token = [&](const TokenRow& row) {
    const auto added = wait<void>([&](auto done) { tokens->add(row, done); });
    return added ? "added" : added.error().reason;
  };
  EXPECT_EQ(add_token(token), "added");
  EXPECT_EQ(add_token({"t1", "hash2", "", "", "", 0, 0, 0}), "token_exists");
  EXPECT_EQ(add_token({"t2", "hash1", "", "", "", 0, 0, 0}), "token_exists");
  EXPECT_EQ(add_token({"t2", "hash2", "viewer", "other", "", 5, 0, 0}), "added");
  const auto find_token = [&](const std::string& hash) {
    return wait<TokenRow>([&](auto done) { tokens->find(hash, done); });
  };
  EXPECT_EQ(find_token("hash1")->label, "vagt");
  EXPECT_EQ(find_token("hash1")->role, "operator");
  EXPECT_EQ(find_token("hash1")->expires_ms, 20);
  EXPECT_EQ(find_token("nope").error().reason, "token_unknown");
  for (const std::int64_t now_ms : {100, 200})
    EXPECT_TRUE(wait<void>([&](auto done) { tokens->revoke("t1", now_ms, done); }));
  EXPECT_EQ(find_token("hash1")->revoked_ms, 100) << "the first time stays";
  EXPECT_EQ(wait<void>([&](auto done) { tokens->revoke("t9", 1, done); }).error().code, ErrorCode::not_found);
  const auto list = [&](const std::string& organisation) {
    std::string ids;
    const auto rows = wait<std::vector<TokenRow>>([&](auto done) { tokens->list(organisation, done); });
    for (const TokenRow& row : *rows)
      ids += row.id;
    return ids;
  };
  EXPECT_EQ(list(""), "t2t1");
  EXPECT_EQ(list("demo"), "t1");
}

TEST_P(Repositories, PluginsHaveSpacesOfTheirOwn) {
  EXPECT_EQ(put("whip", {"k", "one", 0}), "put");
  EXPECT_EQ(put("sip", {"k", "two", 0}), "put");
  EXPECT_EQ(put("whip", {"k", "three", 0}), "put");
  EXPECT_EQ(get("whip", "k"), "three");
  EXPECT_EQ(get("sip", "k"), "two");
  EXPECT_EQ(get("sip", "x"), "store_unknown");
  EXPECT_TRUE(wait<void>([&](auto done) { data->erase("whip", "k", done); }));
  EXPECT_TRUE(wait<void>([&](auto done) { data->erase("whip", "k", done); }));
  EXPECT_EQ(get("whip", "k"), "store_unknown");
  EXPECT_EQ(put("whip", {"", "x", 0}), "store_key");
  EXPECT_EQ(put("whip", {std::string(257, 'k'), "x", 0}), "store_key");
  EXPECT_EQ(put("whip", {"k", std::string(256 * 1024 + 1, 'x'), 0}), "store_value");
}

TEST_P(Repositories, APluginsSpaceIsCappedInKeysAndBytes) {
  for (const char* key : {"a", "b", "c"})
    EXPECT_EQ(put("p", {key, "x", 0}), "put");
  EXPECT_EQ(put("p", {"d", "x", 0}), "store_full");
  EXPECT_EQ(put("q", {"d", "x", 0}), "put") << "another plugin has its own";
  EXPECT_EQ(put("p", {"a", std::string(95, 'x'), 0}), "put") << "100 bytes exactly";
  EXPECT_EQ(put("p", {"b", "xx", 0}), "store_full");
  EXPECT_EQ(get("p", "b"), "x") << "and nothing of it was written";
  EXPECT_EQ(put("p", {"a", "", 0}), "put");
  EXPECT_EQ(put("p", {"b", "xx", 0}), "put");
  EXPECT_TRUE(wait<void>([&](auto done) { data->erase("p", "a", done); }));
  EXPECT_EQ(put("p", {"d", "x", 0}), "put");
}

TEST_P(Repositories, KeysAreListedByPrefixInByteOrder) {
  for (const char* key : {"a/2", "a/1", "b/1"})
    EXPECT_EQ(put("p", {key, "x", 0}), "put");
  const auto list = [&](const std::string& prefix, const std::string& after, std::int64_t limit) {
    std::string keys;
    const auto entries =
        wait<std::vector<PluginEntry>>([&](auto done) { data->list("p", prefix, after, limit, 1, done); });
    for (const PluginEntry& entry : *entries)
      keys += entry.key + " ";
    return keys;
  };
  EXPECT_EQ(list("a/", "", 10), "a/1 a/2 ");
  EXPECT_EQ(list("a/", "a/1", 10), "a/2 ");
  EXPECT_EQ(list("", "", 2), "a/1 a/2 ");
  EXPECT_EQ(list("c", "", 2), "");
}

TEST_P(Repositories, WhatHasExpiredIsGoneAndThenSwept) {
  const std::int64_t now_ms = loop.clock().wall_ms();
  EXPECT_EQ(put("p", {"a", "x", now_ms - 1}), "put");
  EXPECT_EQ(put("p", {"b", "x", now_ms + 100'000}), "put");
  EXPECT_EQ(get("p", "a", now_ms), "store_unknown");
  EXPECT_EQ(get("p", "b", now_ms), "x");
  RoomRow over = row("over");
  over.expires_ms = now_ms - 1;
  EXPECT_EQ(add(over), "added");
  EXPECT_EQ(add(row("stays")), "added");
  const std::int64_t long_ago = now_ms - Sweeper::token_grace_ms - 1;
  for (const TokenRow& token :
       {TokenRow{"t1", "1", "", "", "", 1, long_ago, 0}, TokenRow{"t2", "2", "", "", "", 1, 0, 0},
        TokenRow{"t3", "3", "", "", "", 1, 0, long_ago}, TokenRow{"t4", "4", "", "", "", 1, now_ms - 1, 0}})
    EXPECT_TRUE(wait<void>([&](auto done) { tokens->add(token, done); }));

  Sweeper sweeper(loop, *storage);
  const auto swept = wait<std::int64_t>([&](auto done) { sweeper.sweep(done); });
  ASSERT_TRUE(swept) << swept.error().message;
  EXPECT_EQ(*swept, 4);
  EXPECT_EQ(sweeper.swept(), 4U);
  EXPECT_EQ(find("demo", "over").error().reason, "room_unknown");
  EXPECT_TRUE(find("demo", "stays"));
  EXPECT_EQ(wait<std::vector<TokenRow>>([&](auto done) { tokens->list("", done); })->size(), 2U)
      << "one that has just expired can still be explained";
  EXPECT_EQ(put("p", {"c", "x", 0}), "put");
  EXPECT_EQ(put("p", {"d", "x", 0}), "put") << "the swept entry's place is free again";
  EXPECT_EQ(put("p", {"e", "x", 0}), "store_full");
}

INSTANTIATE_TEST_SUITE_P(On, Repositories, testing::Values(Engine::sqlite, Engine::postgresql), engine_name);

} // namespace
} // namespace viadux::store
