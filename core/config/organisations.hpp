// Organisations: tenants, as files. conf/organisations/<code>/organisation.toml declares one; they form a
// tree, and settings that a file leaves out come from its parent. [any thread, immutable once loaded]
#pragma once

#include "core/config/address.hpp"
#include "core/config/configuration.hpp"

namespace viadux {

// A room that an organisation's file defines; the meeting makes it exist at start.
struct RoomDefinition {
  std::string alias;
  std::string name;               // "": the alias
  Secret host_pin;                // empty: none
  Secret guest_pin;               // empty: none
  bool guests_without_pin = true; // with a host PIN and no guest PIN: may guests enter without one?
  bool guests_allowed = true;
  bool wait_for_host = false;
  std::int64_t participants_max = 0; // 0: the organisation's
  std::string video_codec = "vp8";   // or "h264"
  std::string layout = "1:7";        // of composed pictures
  bool lobby_when_locked = true;
  bool one_way = false;
  bool mute_guests = false;
  bool guests_can_unmute = true;
  bool guests_can_present = true;
  bool chat = true;
  std::int64_t lock_at = 0; // 0: never
  std::int64_t lobby_s = 0; // 0: the server's; likewise empty_s
  std::int64_t empty_s = 0;
  std::string host_leaves = "stay"; // "end", "lobby"
  std::int64_t host_leaves_s = 60;
};

struct RoomsOnDemand {
  bool enabled = false; // an unknown alias makes a room at its first use
  std::int64_t max = 0; // at a time
};

// A TURN server (RFC 8656) with coturn's shared-secret scheme: clients get a name and a password that are
// good for `lifetime_s`.
struct TurnServer {
  std::string name;              // what a policy calls it
  std::vector<std::string> urls; // "turn:turn.example.org:3478?transport=udp"
  Secret secret;
  std::int64_t lifetime_s = 28'800;
};

struct Organisation {
  std::string code; // the folder's name: [a-z0-9-], 1 to 64 characters
  std::string name;
  std::string parent; // "" for a root
  std::vector<std::string> domains;
  RoomsOnDemand rooms_on_demand;
  std::int64_t rooms_max = 0;             // these three: 0 is as much as the server has
  std::int64_t participants_max = 0;      // at a time, in all rooms together
  std::int64_t room_participants_max = 0; // in one room
  std::vector<RoomDefinition> rooms;
  std::vector<TurnServer> turn; // its own, then those of the organisations above
  std::string folder;           // for what else lies there: policy, theme
};

// By which names a call reached us. Nothing else that a caller says counts.
struct CameBy {
  std::string_view http_host; // the Host header, with or without port
  std::string_view sip_trunk; // the domain that a configured trunk stands for
  std::string_view tls_name;  // SNI
};

struct Answering {
  const Organisation* organisation = nullptr; // lives as long as the Organisations that gave it
  Address address;
};

class Organisations {
 public:
  // Which organisation answers what was dialled: (1) the one that has the address' domain; (2) for a bare
  // local part or an IP address, the one that has the HTTP Host, SIP trunk or TLS name by which it came; (3)
  // the default. Errors: bad_argument (address_malformed), not_found (organisation_unknown: there is no
  // default).
  Result<Answering> answering(std::string_view dialled, const CameBy& came_by = {}) const;

  const Organisation* find(std::string_view code) const;
  const Organisation* by_domain(std::string_view domain) const;
  // Whether `code` is `ancestor` or below it; "" as ancestor is above all.
  bool is_within(std::string_view code, std::string_view ancestor) const;
  std::vector<const Organisation*> all() const; // by code
  const std::string& default_code() const { return default_code_; }

 private:
  friend class OrganisationsLoader;
  std::map<std::string, Organisation, std::less<>> by_code_;
  std::map<std::string, std::string, std::less<>> code_by_domain_;
  std::string default_code_;
};

struct OrganisationsLoad {
  std::shared_ptr<const Organisations> organisations; // null when there are mistakes
  std::vector<ConfigMistake> mistakes;
};

// Reads each <folder>/<code>/organisation.toml. `default_code` may be "".
OrganisationsLoad load_organisations(const std::string& folder, const std::string& default_code);

// The keys of an organisation's file. [any thread]
ConfigSchema organisation_schema();

} // namespace viadux
