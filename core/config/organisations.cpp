#include "core/config/organisations.hpp"

#include <algorithm>
#include <filesystem>

namespace viadux {
namespace {

constexpr std::size_t max_organisations = 10'000;

bool is_code(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '-') return false;
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_alias(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '.') return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

} // namespace

Result<Answering> Organisations::answering(std::string_view dialled, const CameBy& came_by) const {
  Result<Address> address = parse_address(dialled);
  if (!address) return address.error();

  const Organisation* found = nullptr;
  if (!address->domain.empty()) {
    found = by_domain(address->domain);
  } else {
    for (const std::string_view name : {came_by.sip_trunk, came_by.http_host, came_by.tls_name}) {
      if (found == nullptr && !name.empty()) found = by_domain(name);
    }
  }
  if (found == nullptr && !default_code_.empty()) found = find(default_code_);
  if (found == nullptr) {
    return make_error(ErrorCode::not_found, "organisation_unknown",
                      "no organisation here answers this address", "address",
                      "add its domain to an organisation, or set organisations.default");
  }
  return Answering{found, std::move(*address)};
}

const Organisation* Organisations::find(std::string_view code) const {
  const auto found = by_code_.find(code);
  return found == by_code_.end() ? nullptr : &found->second;
}

const Organisation* Organisations::by_domain(std::string_view domain) const {
  const auto found = code_by_domain_.find(normal_domain(domain));
  return found == code_by_domain_.end() ? nullptr : find(found->second);
}

bool Organisations::is_within(std::string_view code, std::string_view ancestor) const {
  if (ancestor.empty()) return true;
  // The loader has refused circles, so this ends.
  for (const Organisation* at = find(code); at != nullptr; at = find(at->parent)) {
    if (at->code == ancestor) return true;
  }
  return false;
}

std::vector<const Organisation*> Organisations::all() const {
  std::vector<const Organisation*> list;
  list.reserve(by_code_.size());
  for (const auto& [code, organisation] : by_code_)
    list.push_back(&organisation);
  return list;
}

// Reads the files one by one, then ties them into a tree, then lets settings come down it.
class OrganisationsLoader {
 public:
  OrganisationsLoad load(const std::string& folder, const std::string& default_code) {
    read_folder(folder);
    tie_parents();
    if (!default_code.empty() && !is_there(default_code)) {
      std::vector<std::string> codes;
      for (const auto& [code, each] : result_->by_code_)
        codes.push_back(code);
      const auto near = nearest_name(default_code, codes);
      mistake(folder, "organisations.default", "there is no organisation \"" + default_code + "\" here",
              near ? "did you mean \"" + *near + "\"?"
                   : "make " + folder + "/" + default_code + "/organisation.toml");
    }
    result_->default_code_ = default_code;
    if (!mistakes_.empty()) return {nullptr, std::move(mistakes_)};
    for (const auto& [code, organisation] : result_->by_code_)
      own_turn_[code] = organisation.turn;
    for (auto& [code, organisation] : result_->by_code_)
      settle(organisation);
    return {std::move(result_), {}};
  }

 private:
  void mistake(const std::string& position, std::string key, std::string message, std::string hint = {}) {
    mistakes_.push_back({position, 0, 0, std::move(key), std::move(message), std::move(hint)});
  }

  void read_folder(const std::string& folder) {
    std::error_code error;
    std::vector<std::filesystem::path> folders;
    auto entries = std::filesystem::directory_iterator(folder, error);
    if (error) {
      return mistake(folder, "organisations.path", "the folder can't be read: " + error.message(),
                     "set organisations.path to the folder with the organisations");
    }
    for (const auto& end = std::filesystem::directory_iterator(); !error && entries != end;
         entries.increment(error)) {
      std::error_code ignored;
      if (entries->is_directory(ignored)) folders.push_back(entries->path());
    }
    if (error) return mistake(folder, "", "the folder can't be read: " + error.message());
    if (folders.size() > max_organisations)
      return mistake(folder, "", "there are more than 10000 organisations");
    std::ranges::sort(folders);
    for (const auto& path : folders)
      read_organisation(path);
  }

  void read_organisation(const std::filesystem::path& path) {
    const std::string code = path.filename().string();
    const std::string file = (path / "organisation.toml").string();
    if (!is_code(code)) {
      return mistake(path.string(), "", "the folder's name is not an organisation's code",
                     "use a-z, 0-9 and '-', 1 to 64 of them");
    }
    codes_.push_back(code);
    ConfigLoad load = load_configuration(schema_, {.file = file});
    if (!load.configuration) {
      mistakes_.insert(mistakes_.end(), load.mistakes.begin(), load.mistakes.end());
      return;
    }
    const Configuration& settings = *load.configuration;
    Organisation organisation;
    organisation.code = code;
    organisation.folder = path.string();
    organisation.name = settings.get_string("name").empty() ? code : settings.get_string("name");
    organisation.parent = settings.get_string("parent");
    read_domains(settings, organisation);
    for (const ConfigTable& room : settings.repeated("room"))
      read_room(room, file, organisation);
    for (const ConfigTable& turn : settings.repeated("turn"))
      read_turn(turn, file, organisation);
    settings_.emplace(code, std::move(load.configuration));
    result_->by_code_.emplace(code, std::move(organisation));
  }

  void read_domains(const Configuration& settings, Organisation& organisation) {
    for (const std::string& written : settings.get_list("domains")) {
      const std::string domain = normal_domain(written);
      if (domain.empty()) {
        mistake(settings.position("domains"), "domains", "\"" + written + "\" is not a domain",
                "write it without a port, a scheme or an alias");
        continue;
      }
      const auto [entry, added] = result_->code_by_domain_.emplace(domain, organisation.code);
      if (!added && entry->second != organisation.code) {
        mistake(settings.position("domains"), "domains",
                "\"" + domain + "\" belongs to organisation \"" + entry->second + "\" already");
      }
      if (added) organisation.domains.push_back(domain);
    }
  }

  void read_room(const ConfigTable& table, const std::string& file, Organisation& organisation) {
    RoomDefinition room;
    room.alias = table.get_string("alias");
    room.name = table.get_string("name");
    room.host_pin = table.get_secret("host_pin");
    room.guest_pin = table.get_secret("guest_pin");
    room.guests_without_pin = table.get_bool("guests_without_pin");
    room.guests_allowed = table.get_bool("guests_allowed");
    room.wait_for_host = table.get_bool("wait_for_host");
    room.participants_max = table.get_int("participants_max");
    room.video_codec = table.get_string("video_codec");
    room.layout = table.get_string("layout");
    room.lobby_when_locked = table.get_bool("lobby_when_locked");
    room.one_way = table.get_bool("one_way");
    room.mute_guests = table.get_bool("mute_guests");
    room.guests_can_unmute = table.get_bool("guests_can_unmute");
    room.guests_can_present = table.get_bool("guests_can_present");
    room.chat = table.get_bool("chat");
    room.lock_at = table.get_int("lock_at");
    room.lobby_s = table.get_int("lobby_timeout") / 1000;
    room.empty_s = table.get_int("empty_timeout") / 1000;
    room.host_leaves = table.get_string("host_leaves");
    room.host_leaves_s = table.get_int("host_leaves_timeout") / 1000;
    const std::string position = table.is_set("alias") ? table.position("alias") : file;
    if (!is_alias(room.alias)) {
      return mistake(position, "room.alias",
                     room.alias.empty() ? "a room has no alias" : "\"" + room.alias + "\" can't be an alias",
                     "use a-z, 0-9, '.', '_' and '-', 1 to 64 of them, not beginning with '.'");
    }
    if (std::ranges::find(organisation.rooms, room.alias, &RoomDefinition::alias) !=
        organisation.rooms.end()) {
      return mistake(position, "room.alias", "\"" + room.alias + "\" comes twice");
    }
    if (!room.host_pin.empty() && room.host_pin == room.guest_pin) {
      return mistake(position, "room.guest_pin", "is the same as the host PIN of \"" + room.alias + "\"");
    }
    organisation.rooms.push_back(std::move(room));
  }

  void read_turn(const ConfigTable& table, const std::string& file, Organisation& organisation) {
    TurnServer server;
    server.name = table.get_string("name");
    server.urls = table.get_list("urls");
    server.secret = table.get_secret("secret");
    server.lifetime_s = table.get_int("lifetime") / 1000;
    const std::string position = table.is_set("name") ? table.position("name") : file;
    if (server.name.empty() || server.urls.empty())
      return mistake(position, "turn", "a TURN server needs a name and urls");
    for (const std::string& url : server.urls)
      if (!url.starts_with("turn:") && !url.starts_with("turns:"))
        return mistake(position, "turn.urls", "\"" + url + "\" is no TURN server",
                       "write it as turn:turn.example.org:3478?transport=udp");
    if (std::ranges::find(organisation.turn, server.name, &TurnServer::name) != organisation.turn.end())
      return mistake(position, "turn.name", "\"" + server.name + "\" comes twice");
    organisation.turn.push_back(std::move(server));
  }

  // Also one whose file has mistakes: those are told already.
  bool is_there(const std::string& code) const { return std::ranges::find(codes_, code) != codes_.end(); }

  void tie_parents() {
    std::vector<std::string> codes;
    for (const auto& [code, each] : result_->by_code_)
      codes.push_back(code);
    for (auto& [code, organisation] : result_->by_code_) {
      const std::string position = settings_.at(code)->position("parent");
      if (!organisation.parent.empty() && !is_there(organisation.parent)) {
        const auto near = nearest_name(organisation.parent, codes_);
        mistake(position, "parent", "there is no organisation \"" + organisation.parent + "\"",
                near ? "did you mean \"" + *near + "\"?" : "");
      }
      std::size_t steps = 0;
      for (const Organisation* at = &organisation; at != nullptr; at = result_->find(at->parent)) {
        if (at->parent == code) mistake(position, "parent", "\"" + code + "\" is its own ancestor");
        if (at->parent == code || ++steps > result_->by_code_.size()) break;
      }
    }
  }

  // The value of the nearest ancestor whose file sets it, else the default.
  const ConfigValue& inherited(const Organisation& organisation, std::string_view key) const {
    for (const Organisation* at = &organisation; at != nullptr; at = result_->find(at->parent)) {
      const Configuration& settings = *settings_.at(at->code);
      if (settings.is_set(key)) return settings.value(key);
    }
    return settings_.at(organisation.code)->value(key);
  }

  void settle(Organisation& organisation) const {
    const auto number = [&](std::string_view key) {
      return std::get<std::int64_t>(inherited(organisation, key));
    };
    organisation.rooms_on_demand.enabled = std::get<bool>(inherited(organisation, "rooms_on_demand.enabled"));
    organisation.rooms_on_demand.max = number("rooms_on_demand.max");
    for (const Organisation* at = result_->find(organisation.parent); at != nullptr;
         at = result_->find(at->parent))
      for (const TurnServer& server : own_turn_.at(at->code))
        if (std::ranges::find(organisation.turn, server.name, &TurnServer::name) == organisation.turn.end())
          organisation.turn.push_back(server);
    organisation.rooms_max = number("limits.rooms_max");
    organisation.participants_max = number("limits.participants_max");
    organisation.room_participants_max = number("limits.room_participants_max");
  }

  const ConfigSchema schema_ = organisation_schema();
  std::shared_ptr<Organisations> result_ = std::make_shared<Organisations>();
  std::map<std::string, std::shared_ptr<const Configuration>> settings_;
  std::map<std::string, std::vector<TurnServer>> own_turn_;
  std::vector<std::string> codes_; // of all folders
  std::vector<ConfigMistake> mistakes_;
};

OrganisationsLoad load_organisations(const std::string& folder, const std::string& default_code) {
  return OrganisationsLoader().load(folder, default_code);
}

} // namespace viadux
