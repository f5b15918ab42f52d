// Rooms that an organisation's file defines, and what an organisation allows: from files to the meeting's own
// words.
#pragma once

#include "core/config/organisations.hpp"
#include "core/meeting/rooms.hpp"

#include <functional>

namespace viadux {

OrganisationLimits organisation_limits(const Organisation& organisation);

// Makes every defined room exist as its file says: the file wins over what is stored. A running meeting keeps
// what it began with; `done` with the number of those that could not be made (each is in the log).
void make_defined_rooms(const Organisations& organisations, Rooms& rooms,
                        std::function<void(std::size_t failed)> done);

} // namespace viadux
