// One request of a participant, and the table of who answers which.
#pragma once

#include "answer.hpp"
#include "state.hpp"
#include "target.hpp"

namespace client {

struct Asked {
  viadux::HttpRequest request;
  Target target;
  MemberRef me;
  // The participant that the path names; its roster entry was there when the request came.
  std::string who;
  // The room that the path means: a break-out, or what its client takes for the conference.
  viadux::Handle room;
};

enum class Scope : std::uint8_t { room, participant, call };
enum class Rule : std::uint8_t {
  anyone,       // in the meeting
  waiting_too,  // also from the lobby
  host,         // hosts only
  self,         // the participant itself
  self_or_host, // itself, or a host
};

using Handler = std::function<viadux::Task<viadux::HttpResponse>(Asked)>;

struct Action {
  Rule rule = Rule::host;
  Handler handler;
};

class Actions {
 public:
  template <class Owner>
  void add(std::string_view method, Scope scope, std::string_view name, Rule rule, Owner& owner,
           viadux::Task<viadux::HttpResponse> (Owner::*handler)(Asked)) {
    table_[key(method, scope, name)] =
        Action{rule, [&owner, handler](Asked asked) { return (owner.*handler)(std::move(asked)); }};
  }
  const Action* find(std::string_view method, const Target& target) const {
    const Scope scope = !target.call.empty()          ? Scope::call
                        : !target.participant.empty() ? Scope::participant
                                                      : Scope::room;
    const auto found = table_.find(key(method, scope, target.action));
    return found == table_.end() ? nullptr : &found->second;
  }

 private:
  static std::string key(std::string_view method, Scope scope, std::string_view name) {
    return std::string(method) + ' ' + static_cast<char>('0' + static_cast<int>(scope)) + std::string(name);
  }
  std::unordered_map<std::string, Action> table_;
};

} // namespace client
