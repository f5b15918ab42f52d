// "viadux.rooms": rooms and who is in them, over core/meeting. The documents say what each method takes and
// gives. [control]
#pragma once

#include "core/auth/auth.hpp"
#include "core/config/organisations.hpp"
#include "core/meeting/rooms.hpp"
#include "core/plugin/interfaces.hpp"
#include "core/plugin/owned_ids.hpp"

#include <viadux/documents/room.hpp>

namespace viadux {

class RoomsInterface final : public HostInterface {
 public:
  struct Parts {
    Rooms& rooms;
    Auth& auth;
    std::function<std::shared_ptr<const Organisations>()> organisations; // those in force now
    PolicyAsk policies; // none: everybody gets where it has dialled
  };
  explicit RoomsInterface(Parts parts);

  void plugin_stopped(const PluginInstance& plugin) override; // who came by it leaves

 private:
  void add_room_methods();
  void add_participant_methods();
  void add_running_methods();
  void add_steering_methods();
  void add_breakout_methods();
  template <class Request>
  void add_room_method(std::string name, std::function<Result<void>(RoomId, const Request&)> act);
  template <class Request>
  void add_own_method(std::string name, std::function<Result<void>(ParticipantId, const Request&)> act);
  template <class Request>
  void add_host_method(std::string name, std::function<Result<void>(ParticipantId, const Request&)> act);
  Result<Answering> answering(const documents::Dialled& dialled,
                              std::shared_ptr<const Organisations>& keep) const;
  void admit(PluginInstance& caller, const documents::Admit& asked,
             const MethodDone<documents::Admitted>& done);
  // Asks where it leads, then has it admitted there. `redirects` are those that may still follow.
  void find_service(PluginInstance& caller, AdmitRequest request, const documents::Admit& asked,
                    int redirects, const MethodDone<documents::Admitted>& done);
  void admit_to(PluginInstance& caller, AdmitRequest request, const MethodDone<documents::Admitted>& done);
  Result<void> set_participant(const documents::SetParticipant& asked);
  Result<void> set_running(const documents::SetRunning& asked);
  static Result<Nothing> nothing(const Result<void>& result) {
    if (!result) return result.error();
    return Nothing{};
  }

  Parts parts_;
  OwnedIds brought_;
};

} // namespace viadux
