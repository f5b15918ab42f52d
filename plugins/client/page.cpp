#include "page.hpp"

#include "refusal.hpp"
#include "requests.hpp"

#include <viadux/documents/auth.hpp>

namespace client {

namespace documents = viadux::documents;
using viadux::HttpRequest;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Task;

namespace {

HttpResponse file_response(const Themes::File& file, const HttpRequest& request) {
  HttpResponse response = HttpResponse::of(200, file.type, file.bytes);
  if (request.header("if-none-match") == file.etag) response = HttpResponse::empty(304);
  response.header("etag", file.etag).header("cache-control", "no-cache");
  // A picture that is opened by itself runs nothing.
  if (!file.type.starts_with("text/"))
    response.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  return response;
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

Page::Response Page::branding(HttpRequest request) {
  documents::RoomRef which;
  which.to.address = std::string(request.capture("alias"));
  which.to.http_host = request.host;
  const auto organisation =
      co_await state_.host.call<documents::OrganisationInfo>("viadux.rooms", "organisation", which);
  const std::vector<std::string> none;
  const auto& folders = organisation ? organisation->folders : none;
  const std::string_view name = request.capture("file");
  if (name == "theme.json") {
    Json settings = themes_.settings(folders, state_.now_us());
    if (organisation && !settings.find("name")) settings.set("name", organisation->name);
    HttpResponse response = HttpResponse::of(200, "application/json", settings.dump());
    response.header("cache-control", "no-cache");
    co_return response;
  }
  const auto file = themes_.find(folders, name, state_.now_us());
  if (!file) co_return failed(404, "There is no such file in this theme");
  co_return file_response(*file, request);
}

Task<std::vector<std::string>> Page::folders_of(MemberRef me) {
  const Room* room = state_.room_of(*me);
  if (room == nullptr) co_return std::vector<std::string>();
  documents::OrganisationRef which;
  which.code = room->is.organisation;
  const auto found =
      co_await state_.host.call<documents::OrganisationInfo>("viadux.rooms", "organisation_named", which);
  co_return found ? found->folders : std::vector<std::string>();
}

// Five screens or none: the published client takes nothing between.
Page::Response Page::api_theme(Asked asked) {
  const auto folders = co_await folders_of(asked.me);
  const std::string name = asked.target.rest;
  if (!name.empty()) {
    const auto file = themes_.find(folders, name, state_.now_us());
    if (!file || !file->type.starts_with("image/")) co_return failed(404, "There is no such picture");
    co_return file_response(*file, asked.request);
  }
  const Json settings = themes_.settings(folders, state_.now_us());
  const std::string background = text_of(settings, "background");
  if (!themes_.find(folders, background, state_.now_us())) co_return HttpResponse::empty(204);
  std::string colour = text_of(settings, "screen_colour");
  if (colour.empty()) colour = "#ffffff";
  struct Screen {
    std::string_view name, text;
  };
  constexpr std::array screens = {
      Screen{"direct_media_welcome", "Welcome"},
      Screen{"direct_media_waiting_for_host", "Waiting for the host"},
      Screen{"direct_media_other_participants_audio_only", "The others have no camera on"},
      Screen{"direct_media_escalate", "One moment: somebody else is coming"},
      Screen{"direct_media_deescalate", "One moment: the two of you are alone again"}};
  const Json* texts = settings.find("screens");
  Json out;
  for (const Screen& each : screens) {
    const std::string own = texts ? text_of(*texts, each.name) : std::string();
    out.set(each.name, screen(background, colour, own.empty() ? each.text : std::string_view(own)));
  }
  co_return success(std::move(out));
}

Page::Response Page::avatar(Asked asked) {
  const auto folders = co_await folders_of(asked.me);
  const auto file = themes_.find(folders, "avatar.jpg", state_.now_us());
  if (!file) co_return failed(404, "No image available");
  co_return file_response(*file, asked.request);
}

Page::Response Page::write_log(Asked asked) {
  const auto body = viadux::read_document<LogRequest>(asked.request.body);
  if (!body || !ClientLog::is_name(body->slot)) co_return failed(403, "The lines cannot be read");
  const Room* room = state_.room_of(*asked.me);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  if (body->begin) log_.begin(body->slot, room->is.organisation, state_.now_ms());
  for (const std::string& line : body->lines)
    if (!log_.add(body->slot, line, state_.now_ms())) co_return failed(403, "This log has not begun");
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
