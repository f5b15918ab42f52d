#include "core/meeting/policy_words.hpp"

namespace viadux {
namespace {

template <class From, class To>
void take(const std::optional<From>& from, To& to) {
  if (from) to = static_cast<To>(*from);
}

} // namespace

void apply(const documents::RoomRules& rules, RoomSettings& settings) {
  take(rules.name, settings.name);
  take(rules.guests_allowed, settings.guests_allowed);
  take(rules.wait_for_host, settings.wait_for_host);
  take(rules.lobby_when_locked, settings.lobby_when_locked);
  take(rules.participants_max, settings.participants_max);
  take(rules.one_way, settings.one_way);
  take(rules.mute_guests, settings.mute_guests);
  take(rules.guests_can_unmute, settings.guests_can_unmute);
  take(rules.guests_can_present, settings.guests_can_present);
  take(rules.chat, settings.chat);
  take(rules.lock_at, settings.lock_at);
  take(rules.lobby_s, settings.lobby_s);
  take(rules.host_leaves_s, settings.host_leaves_s);
  if (!rules.host_leaves) return;
  using documents::WhenHostsLeave;
  settings.host_leaves = *rules.host_leaves == WhenHostsLeave::end     ? HostLeaves::end
                         : *rules.host_leaves == WhenHostsLeave::lobby ? HostLeaves::lobby
                                                                       : HostLeaves::stay;
}

void take_over(const documents::AdmitAnswer& says, AdmissionDecision& decided, std::string& display_name,
               MediaRights& rights) {
  if (says.role) decided.role = *says.role == documents::AdmitRole::host ? Role::host : Role::guest;
  decided.lobby = says.lobby.value_or(false);
  decided.bypass_lock = says.bypass_lock.value_or(false);
  decided.speaks_in = says.speaks_in.value_or("");
  decided.hears = says.hears.value_or("");
  if (says.display_name) display_name = *says.display_name;
  if (!says.rights) return;
  const auto narrow = [](const std::optional<bool>& may, bool& right) {
    right = right && may.value_or(true);
  };
  narrow(says.rights->send_audio, rights.send_audio);
  narrow(says.rights->send_video, rights.send_video);
  narrow(says.rights->send_presentation, rights.send_presentation);
  narrow(says.rights->receive_audio, rights.receive_audio);
  narrow(says.rights->receive_video, rights.receive_video);
  narrow(says.rights->receive_presentation, rights.receive_presentation);
}

} // namespace viadux
