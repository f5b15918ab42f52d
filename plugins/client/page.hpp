// What the web page (web/) needs of the server beside the client API: itself, an organisation's theme, and a
// place for what went wrong in the browser.
#pragma once

#include "asked.hpp"
#include "client_log.hpp"
#include "theme.hpp"

#include <viadux/documents/room.hpp>

namespace client {

class Page {
 public:
  explicit Page(State& state) : state_(state) {}
  // The routes beside the API's.
  viadux::Result<void> start(viadux::Http& http);
  void add_to(Actions& actions);
  void tick() { log_.forget_old(state_.now_ms()); }

 private:
  using Response = viadux::Task<viadux::HttpResponse>;
  Response branding(viadux::HttpRequest request);  // GET /branding/{alias}/{file...}: for the page
  Response api_theme(Asked asked);                 // GET …/theme, …/theme/{file}: as the API has it
  Response avatar(Asked asked);                    // GET …/participants/<uuid>/avatar.jpg
  Response write_log(Asked asked);                 // POST …/participants/<uuid>/client_log
  Response list_logs(viadux::HttpRequest request); // GET /api/client/v2/client_logs
  Response read_log(viadux::HttpRequest request);  // GET /api/client/v2/client_logs/{slot}
  viadux::Task<bool> may_read(viadux::HttpRequest request, std::string organisation);
  viadux::Task<std::vector<std::string>> folders_of(MemberRef me);

  State& state_;
  Themes themes_;
  ClientLog log_;
};

} // namespace client
