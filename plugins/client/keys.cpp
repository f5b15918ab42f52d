#include "keys.hpp"

namespace client {

namespace documents = viadux::documents;
using viadux::Task;

namespace {

constexpr std::int64_t look_again_us = 60'000'000;
constexpr std::int64_t retry_us = 5'000'000;
constexpr std::string_view prefix = "key/";

} // namespace

Task<bool> Keys::read() {
  documents::StoreQuery query;
  query.prefix = prefix;
  const auto list = co_await state_.host.call<documents::StoreList>("viadux.store", "list", query);
  if (!list) co_return false;
  for (const documents::StoreEntry& entry : list->entries)
    if (const auto key = Tokens::from_json(entry.value)) state_.tokens.ring().add(*key);
  co_return true;
}

Task<void> Keys::load() {
  if (std::exchange(loading_, true)) co_return;
  loaded_us_ = state_.now_us();
  const bool readable = co_await read();
  KeyRing& ring = state_.tokens.ring();
  const std::int64_t now_ms = state_.now_ms(), lifetime_ms = state_.settings.key_lifetime.us / 1000;
  const bool worn = ring.empty() || ring.newest().made_ms + lifetime_ms <= now_ms;
  if (worn) ring.add(KeyRing::make(now_ms));
  if (readable && !ring.empty() && (worn || !stored_)) co_await store(ring.newest());
  if (!readable) {
    viadux::Json fields;
    fields.set("what", "the store cannot be read: tokens made now do not outlive this process");
    state_.host.log(viadux::LogLevel::warn, "keys_not_stored", fields);
    stored_ = false;
  }
  loading_ = false;
}

Task<void> Keys::store(SealKey key) {
  documents::StoreEntry entry;
  entry.key = std::string(prefix) + std::to_string(key.id);
  entry.value = Tokens::to_json(key);
  // It opens tokens for as long as the last one that it has sealed.
  entry.expires_ms =
      key.made_ms + (2 * state_.settings.key_lifetime.us + state_.settings.token_lifetime.us) / 1000;
  const auto put = co_await state_.host.call<viadux::Nothing>("viadux.store", "put", entry);
  stored_ = put.has_value();
}

void Keys::tick() {
  const std::int64_t since_us = state_.now_us() - loaded_us_;
  if (since_us >= (stored_ ? look_again_us : retry_us)) state_.host.spawn(load());
}

} // namespace client
