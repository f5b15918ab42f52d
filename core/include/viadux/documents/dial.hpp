// viadux/documents/dial.hpp - interface "viadux.dial": call somebody into a running room. A plugin that can
// call out offers it (SIP, H.323); any other may ask for it.
#pragma once

#include <viadux/documents/participant.hpp>

namespace viadux::documents {

// viadux.dial dial -> Dialling. refused (the policy, or the address), unsupported (the protocol).
struct DialOut {
  Handle room;
  Handle by;
  std::string destination;
  std::string protocol;
  Role role = Role::guest;
  std::string display_name;
  std::string source_display_name;
  std::string dtmf_sequence;

  static constexpr auto fields() {
    return field_table(
        field("room", &DialOut::room, "Where the called one shall come in.").required(),
        field("by", &DialOut::by, "The participant that asks."),
        field("destination", &DialOut::destination, "An address or a number.").required().limit(256),
        field("protocol", &DialOut::protocol, "sip, h323 ...; empty leaves it to the plugin.").limit(16),
        field("role", &DialOut::role, "What the called one shall be."),
        field("display_name", &DialOut::display_name, "Of the called one, for others to read.").limit(128),
        field("source_display_name", &DialOut::source_display_name, "What the called one reads.").limit(128),
        field("dtmf_sequence", &DialOut::dtmf_sequence, "Keys to press once it has answered.").limit(64));
  }
};

struct Dialling {
  Handle participant;
  static constexpr auto fields() {
    return field_table(field("participant", &Dialling::participant, "In the roster from now on."));
  }
};

} // namespace viadux::documents
