#include "core/plugin/store_interface.hpp"

#include "core/plugin/instance.hpp"

#include <viadux/documents/store.hpp>

namespace viadux {
namespace {

Result<Nothing> nothing(const Result<void>& result) {
  if (!result) return result.error();
  return Nothing{};
}

Result<documents::StoreEntry> to_document(const store::PluginEntry& entry) {
  documents::StoreEntry out;
  out.key = entry.key;
  const auto value = Json::parse(entry.value);
  if (!value) return make_error(ErrorCode::internal, "store_damaged", "the stored value is no JSON", "key");
  out.value = value.value();
  out.expires_ms = entry.expires_ms;
  return out;
}

} // namespace

StoreInterface::StoreInterface(store::PluginRepository& repository, const Clock& clock)
    : HostInterface("viadux.store") {
  using documents::StoreEntry;
  using documents::StoreKey;
  using documents::StoreList;
  using documents::StoreQuery;
  add_method<StoreEntry, Nothing>(
      "put", [&repository](PluginInstance& caller, const StoreEntry& asked, const MethodDone<Nothing>& done) {
        repository.put(caller.id(), {asked.key, asked.value.dump(), asked.expires_ms},
                       [done](const Result<void>& put) { done(nothing(put)); });
      });
  add_method<StoreKey, StoreEntry>("get", [&repository, &clock](PluginInstance& caller, const StoreKey& asked,
                                                                const MethodDone<StoreEntry>& done) {
    repository.get(caller.id(), asked.key, clock.wall_ms(), [done](const Result<store::PluginEntry>& entry) {
      done(entry ? to_document(entry.value()) : Result<StoreEntry>(entry.error()));
    });
  });
  add_method<StoreKey, Nothing>("erase", [&repository](PluginInstance& caller, const StoreKey& asked,
                                                       const MethodDone<Nothing>& done) {
    repository.erase(caller.id(), asked.key, [done](const Result<void>& erased) { done(nothing(erased)); });
  });
  add_method<StoreQuery, StoreList>("list", [&repository, &clock](PluginInstance& caller,
                                                                  const StoreQuery& asked,
                                                                  const MethodDone<StoreList>& done) {
    const auto listed = [done](const Result<std::vector<store::PluginEntry>>& entries) {
      if (!entries) return done(entries.error());
      StoreList list;
      for (const auto& entry : entries.value()) {
        auto copy = to_document(entry);
        if (!copy) return done(copy.error());
        list.entries.push_back(std::move(copy).value());
      }
      done(list);
    };
    repository.list(caller.id(), asked.prefix, asked.after_key, asked.limit, clock.wall_ms(), listed);
  });
}

} // namespace viadux
