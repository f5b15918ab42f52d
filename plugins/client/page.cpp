#include "page.hpp"

#include "refusal.hpp"
#include "requests.hpp"
#include "rules.hpp"

#include <viadux/documents/auth.hpp>

namespace client {

namespace documents = viadux::documents;
using viadux::HttpRequest;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Task;

namespace {

// What one address may ask the policy about looks; a page asks some ten times.
constexpr double asks_per_second = 50;
constexpr double asks_burst = 500;
constexpr std::string_view welcome_screen = "direct_media_welcome";

// Of "da-DK,da;q=0.9,en;q=0.8" the first: "da". Empty where it names none.
std::string language_of(std::string_view accepted) {
  std::string language;
  for (const char c : accepted) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (lower < 'a' || lower > 'z' || language.size() == 8) break;
    language += lower;
  }
  return language;
}

// Or `failure` where no folder has it.
HttpResponse file_response(std::vector<std::string> folders, std::string_view name, HttpResponse failure) {
  // A picture that is opened by itself runs nothing.
  if (is_theme_picture(name))
    failure.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  failure.file = viadux::HttpFile{std::move(folders), std::string(name)};
  return failure;
}

std::string text_of(const Json& settings, std::string_view name) {
  const Json* value = settings.find(name);
  return value && value->text() ? *value->text() : std::string();
}

// One screen of the API's theme: a background and a line of text.
Json screen(const std::string& background, const std::string& colour, std::string_view text) {
  Json line, picture, out;
  line.set("type", "text");
  line.set("color", colour);
  line.set("text", text);
  picture.set("path", background);
  out.set("layout_type", "direct_media");
  out.set("background", std::move(picture));
  out.set("elements", Json::Array{std::move(line)});
  return out;
}

} // namespace

viadux::Result<void> Page::start(viadux::Http& http) {
  themes_.on_fault = [this](const std::string& path, const std::string& fault) {
    viadux::Json fields;
    fields.set("file", path);
    fields.set("fault", fault);
    fields.set("what_to_do", "mend the file: it is read again by itself (docs/page.md)");
    state_.host.log(viadux::LogLevel::warn, "theme_fault", fields);
  };
  const std::string logs = "/api/client/v2/client_logs";
  for (const auto& bound :
       {http.file("/", "index.html"), http.file("/{alias}", "index.html"), http.files("/page"),
        http.route("GET", "/branding/{alias}/{file...}", *this, &Page::branding),
        http.route("GET", logs, *this, &Page::list_logs),
        http.route("GET", logs + "/{slot}", *this, &Page::read_log)})
    if (!bound) return bound.error();
  return {};
}

void Page::add_to(Actions& actions) {
  actions.add("GET", Scope::room, "theme", Rule::waiting_too, *this, &Page::api_theme);
  actions.add("GET", Scope::participant, "avatar.jpg", Rule::anyone, *this, &Page::avatar);
  actions.add("POST", Scope::participant, "client_log", Rule::self, *this, &Page::write_log);
}

void Page::tick() {
  log_.forget_old(state_.now_ms());
  asks_.forget(state_.now_us(), asks_per_second, asks_burst);
}

Page::Response Page::branding(HttpRequest request) {
  documents::RoomRef which;
  which.to.address = std::string(request.capture("alias"));
  which.to.http_host = request.host;
  const auto organisation =
      co_await state_.host.call<documents::OrganisationInfo>("viadux.rooms", "organisation", which);
  Look theme;
  if (organisation) {
    const DialledParts dialled = parts_of(which.to.address, request.host);
    documents::ThemeQuestion question;
    question.room = dialled.local;
    question.domain = dialled.domain;
    question.language = language_of(request.header("accept-language"));
    theme = co_await look(*organisation, question, request.peer);
  }
  const std::string_view name = request.capture("file");
  if (name == "theme.json") {
    Json settings = (co_await themes_.settings(theme.folders)).json;
    if (organisation && !settings.find("name")) settings.set("name", theme.name);
    if (!theme.welcome.empty()) settings.set("welcome", theme.welcome);
    HttpResponse response = HttpResponse::of(200, "application/json", settings.dump());
    response.header("cache-control", "no-cache");
    co_return response;
  }
  auto none = failed(404, "There is no such file in this theme");
  if (!is_theme_file(name)) co_return none;
  co_return file_response(std::move(theme.folders), name, std::move(none));
}

Task<Page::Look> Page::look(documents::OrganisationInfo organisation, documents::ThemeQuestion question,
                            std::string peer) {
  documents::ThemeAnswer says;
  question.organisation = organisation.code;
  // Who asks too often sees the theme that is the organisation's.
  if (asks_.take(peer, state_.now_us(), asks_per_second, asks_burst))
    says = co_await decided<documents::ThemeAnswer>(state_.host, "theme", organisation.code, question);
  co_return Look{theme_folders(organisation.folders, says.theme.value_or("")), organisation.name,
                 says.welcome.value_or("")};
}

Task<Page::Look> Page::look_of(MemberRef me, HttpRequest request) {
  const Room* room = state_.room_of(*me);
  if (room == nullptr) co_return Look();
  documents::OrganisationRef which;
  which.code = room->is.organisation;
  documents::ThemeQuestion question;
  question.room = room->is.alias;
  question.domain = parts_of(me->address, me->http_host).domain;
  question.language = language_of(request.header("accept-language"));
  const auto found =
      co_await state_.host.call<documents::OrganisationInfo>("viadux.rooms", "organisation_named", which);
  if (!found) co_return Look();
  co_return co_await look(*found, question, request.peer);
}

// Five screens or none: the published client takes nothing between.
Page::Response Page::api_theme(Asked asked) {
  const Look theme = co_await look_of(asked.me, asked.request);
  const std::string name = asked.target.rest;
  if (!name.empty()) {
    auto none = failed(404, "There is no such picture");
    if (!is_theme_picture(name)) co_return none;
    co_return file_response(theme.folders, name, std::move(none));
  }
  const ThemeSettings said = co_await themes_.settings(theme.folders);
  if (!said.has_background) co_return HttpResponse::empty(204);
  const Json& settings = said.json;
  const std::string background = text_of(settings, "background");
  std::string colour = text_of(settings, "screen_colour");
  if (colour.empty()) colour = "#ffffff";
  struct Screen {
    std::string_view name, text;
  };
  constexpr std::array screens = {
      Screen{welcome_screen, "Welcome"}, Screen{"direct_media_waiting_for_host", "Waiting for the host"},
      Screen{"direct_media_other_participants_audio_only", "The others have no camera on"},
      Screen{"direct_media_escalate", "One moment: somebody else is coming"},
      Screen{"direct_media_deescalate", "One moment: the two of you are alone again"}};
  const Json* texts = settings.find("screens");
  Json out;
  for (const Screen& each : screens) {
    std::string own = texts ? text_of(*texts, each.name) : std::string();
    if (each.name == welcome_screen && !theme.welcome.empty()) own = theme.welcome;
    out.set(each.name, screen(background, colour, own.empty() ? each.text : std::string_view(own)));
  }
  co_return success(std::move(out));
}

Page::Response Page::avatar(Asked asked) {
  const Person* who = state_.find_person(*asked.me, asked.room, asked.who);
  const Room* room = who ? state_.find_room(who->is.room) : nullptr;
  if (room == nullptr) co_return failed(404, "No image available");
  documents::AvatarQuestion question;
  question.room = room->is.alias;
  question.organisation = room->is.organisation;
  question.role = who->is_host() ? "host" : "guest";
  question.own_organisation = who->is.organisation;
  const auto says =
      co_await decided<documents::AvatarAnswer>(state_.host, "avatar", question.organisation, question);
  const Look theme = co_await look_of(asked.me, asked.request);
  const std::string picture = says.picture.value_or("avatar.jpg");
  auto none = failed(404, "No image available");
  if (!is_theme_picture(picture)) co_return none;
  co_return file_response(theme.folders, picture, std::move(none));
}

Page::Response Page::write_log(Asked asked) {
  const auto body = viadux::read_document<LogRequest>(asked.request.body);
  if (!body || !ClientLog::is_name(body->slot)) co_return failed(403, "The lines cannot be read");
  const Room* room = state_.room_of(*asked.me);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  documents::ClientLogQuestion question;
  question.organisation = room->is.organisation;
  question.room = room->is.alias;
  question.role = asked.me->role == documents::Role::host ? "host" : "guest";
  question.bytes = static_cast<std::int64_t>(asked.request.body.size());
  const auto says = co_await decided<documents::ClientLogAnswer>(state_.host, "client_log",
                                                                 question.organisation, question);
  if (!says.accepted) co_return failed(403, words::policy_refuses);
  const auto most = static_cast<std::size_t>(says.max_bytes);
  if (body->begin) log_.begin(body->slot, question.organisation, state_.now_ms());
  for (const std::string& line : body->lines)
    if (!log_.add(body->slot, line, most, state_.now_ms())) co_return failed(403, "This log has not begun");
  co_return done();
}

Task<bool> Page::may_read(HttpRequest request, std::string organisation) {
  documents::CheckToken check;
  check.token = std::string(request.bearer());
  check.source = request.peer;
  check.needed = documents::PrincipalRole::operator_;
  if (!organisation.empty()) check.organisation = organisation;
  const auto principal = co_await state_.host.call<documents::Principal>("viadux.auth", "check", check);
  co_return static_cast<bool>(principal);
}

Page::Response Page::list_logs(HttpRequest request) {
  const std::string organisation = request.parameter("organisation").value_or("");
  if (!co_await may_read(request, organisation)) co_return failed(403, "This needs an operator's token");
  co_return success(log_.list(organisation));
}

Page::Response Page::read_log(HttpRequest request) {
  const std::string name(request.capture("slot"));
  const ClientLog::Slot* slot = log_.find(name);
  // Who may not read learns nothing of which slots there are.
  const std::string organisation = slot ? slot->organisation : std::string();
  if (!co_await may_read(request, organisation)) co_return failed(403, "This needs an operator's token");
  slot = log_.find(name); // it may have gone meanwhile
  if (!slot) co_return failed(404, "There is no such log");
  std::string text;
  for (const std::string& line : slot->lines)
    text += line + '\n';
  co_return HttpResponse::text(200, std::move(text));
}

} // namespace client
