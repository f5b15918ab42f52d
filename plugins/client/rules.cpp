#include "rules.hpp"

namespace client {

namespace documents = viadux::documents;
using viadux::Json;
using viadux::Task;

namespace {

const char* word_of(documents::Role role) {
  return role == documents::Role::host ? "host" : "guest";
}

} // namespace

DialledParts parts_of(const std::string& address, const std::string& http_host) {
  const std::size_t at = address.rfind('@');
  if (at == std::string::npos) return {address, http_host};
  return {address.substr(0, at), address.substr(at + 1)};
}

Task<documents::MediaRules> media_rules(State& state, MemberRef me) {
  documents::MediaQuestion question;
  if (const Room* room = state.room_of(*me)) {
    question.organisation = room->is.organisation;
    question.room = room->is.alias;
  }
  question.domain = parts_of(me->address, me->http_host).domain;
  question.protocol = "client";
  question.role = word_of(me->role);
  question.source_address = me->source_address;
  co_return co_await viadux::ask_media(state.host, std::move(question)); // without a room: none is asked
}

Json turn_json(const std::vector<documents::IceServer>& servers) {
  Json::Array all;
  for (const documents::IceServer& server : servers) {
    Json::Array urls;
    for (const std::string& url : server.urls)
      urls.emplace_back(url);
    Json one;
    one.set("urls", std::move(urls));
    one.set("username", server.username);
    one.set("credential", server.credential);
    all.push_back(std::move(one));
  }
  return all;
}

Task<documents::LayoutAnswer> layout_rules(State& state, MemberRef me, viadux::Handle where,
                                           documents::LayoutChange change, std::string wanted) {
  documents::LayoutQuestion question;
  const Room* room = state.find_room(where);
  if (room == nullptr) co_return documents::LayoutAnswer();
  question.room = room->is.alias;
  question.organisation = room->is.organisation;
  question.change = change;
  question.wanted = std::move(wanted);
  question.role = word_of(me->role);
  question.participants = static_cast<std::int64_t>(room->people.size());
  const std::string organisation = room->is.organisation;
  co_return co_await decided<documents::LayoutAnswer>(state.host, "layout", organisation, question);
}

} // namespace client
