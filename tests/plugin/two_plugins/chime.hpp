// What chime offers, as a header that its author would give away.
#pragma once

#include <viadux/document.hpp>

struct Ring {
  std::string door;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("door", &Ring::door, "Which.").required().limit(32));
  }
};

struct Rung {
  std::string sound;
  std::string decided_by;
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("sound", &Rung::sound, "What was heard."),
                               viadux::field("decided_by", &Rung::decided_by, "Who said that it may ring."));
  }
};
