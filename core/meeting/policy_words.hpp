// From what a policy says to the meeting's own words. Pure.
#pragma once

#include "core/meeting/rooms.hpp"

namespace viadux {

// Settings that the policy gives; what it leaves out stays.
void apply(const documents::RoomRules& rules, RoomSettings& settings);
// Role, lobby, lock, name and rights. Rights are only ever taken away.
void take_over(const documents::AdmitAnswer& says, AdmissionDecision& decided, std::string& display_name,
               MediaRights& rights);

} // namespace viadux
