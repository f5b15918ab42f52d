// viadux/documents/policy.hpp - interface "viadux.policy": an organisation is asked before something happens.
//
// A hook cannot be skipped, an event cannot veto. Who raises a hook declares it (viadux::hook_table in
// <viadux/declare.hpp>, viadux_hook in <viadux/abi.h>) with its question, its answer and the answer that
// counts when no policy answers in time. Write that default so that it fails the safe way: closed where
// somebody would be let in or recorded, open where only a picture would be missing.
#pragma once

#include <viadux/document.hpp>

namespace viadux::documents {

// Who gave the answer. So far every answer is the hook's default: no policies are run yet.
enum class DecidedBy : std::uint8_t { by_default, policy };

// viadux.policy ask -> PolicyAnswer. not_found/hook_unknown (neither the caller's own nor one of the core),
// not_found/organisation_unknown.
struct AskPolicy {
  std::string hook;
  std::string organisation;
  Json question;

  static constexpr auto fields() {
    return field_table(
        field("hook", &AskPolicy::hook, "One of the caller's own, or of the core.").required().limit(64),
        field("organisation", &AskPolicy::organisation, "Code of the one whose policy answers.")
            .required()
            .limit(64),
        field("question", &AskPolicy::question, "A document, as the hook declares it."));
  }
};

struct PolicyAnswer {
  Json answer;
  DecidedBy decided_by = DecidedBy::by_default;
  std::string trace;

  static constexpr auto fields() {
    return field_table(
        field("answer", &PolicyAnswer::answer, "A document, as the hook declares it."),
        field("decided_by", &PolicyAnswer::decided_by, "The default, or the organisation's policy."),
        field("trace", &PolicyAnswer::trace, "Names this decision in the log: 16 hex digits."));
  }
};

// The hooks of the core: core/plugin/hook_table.cpp lists them, these are their documents. Any plugin may ask
// them.

// "service": which room an address leads to. Asked when somebody has dialled, before there is a room.
enum class ServiceAction : std::uint8_t { as_dialled, redirect, reject };
struct ServiceQuestion {
  std::string address;
  std::string protocol;
  std::optional<std::string> own_organisation;
  static constexpr auto fields() {
    return field_table(
        field("address", &ServiceQuestion::address, "What was dialled: local@domain."),
        field("protocol", &ServiceQuestion::protocol, "The plugin by which it came."),
        field("own_organisation", &ServiceQuestion::own_organisation, "Of who dials, where it is proven."));
  }
};
struct ServiceAnswer {
  ServiceAction action = ServiceAction::as_dialled;
  std::optional<std::string> address;
  std::optional<std::string> message;
  static constexpr auto fields() {
    return field_table(field("action", &ServiceAnswer::action, "What becomes of it."),
                       field("address", &ServiceAnswer::address, "Where a redirect leads."),
                       field("message", &ServiceAnswer::message, "What the person reads who is rejected."));
  }
};

// "admit": whether somebody who has passed PIN, lock and caps may come in. Without a policy: yes, as the room
// says.
struct AdmitQuestion {
  std::string room;
  std::string display_name;
  std::string protocol;
  std::string role;
  static constexpr auto fields() {
    return field_table(field("room", &AdmitQuestion::room, "The alias."),
                       field("display_name", &AdmitQuestion::display_name, "Personal: not for logs."),
                       field("protocol", &AdmitQuestion::protocol, "The plugin by which it came."),
                       field("role", &AdmitQuestion::role, "host or guest, by PIN or token."));
  }
};
struct AdmitAnswer {
  bool admitted = true;
  std::optional<std::string> display_name;
  std::optional<std::string> role;
  std::optional<std::string> message;
  static constexpr auto fields() {
    return field_table(field("admitted", &AdmitAnswer::admitted, "May come in."),
                       field("display_name", &AdmitAnswer::display_name, "Shown instead of the one given."),
                       field("role", &AdmitAnswer::role, "Given instead of the one by PIN."),
                       field("message", &AdmitAnswer::message, "What the person reads who may not."));
  }
};

} // namespace viadux::documents

template <>
struct viadux::EnumNames<viadux::documents::DecidedBy> {
  static constexpr std::array<std::string_view, 2> names{"default", "policy"};
};
template <>
struct viadux::EnumNames<viadux::documents::ServiceAction> {
  static constexpr std::array<std::string_view, 3> names{"as_dialled", "redirect", "reject"};
};
