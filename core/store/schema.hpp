// The tables, as numbered steps. A step that has been released is never changed; a new one is added. [storage
// thread]
#pragma once

#include "core/store/connection.hpp"

namespace viadux::store {

inline constexpr std::int64_t schema_version = 1;

// Brings the database to `schema_version`, each step in a transaction of its own. Two servers that start at
// the same time wait for each other. Error: unsupported/storage_too_new when a newer program has been here.
Result<void> migrate(Connection& connection);

} // namespace viadux::store
