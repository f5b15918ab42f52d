// What the web page (web/) needs of the server beside the client API: itself, an organisation's theme, and a
// place for what went wrong in the browser.
#pragma once

#include "asked.hpp"
#include "client_log.hpp"
#include "theme.hpp"

#include <viadux/documents/policy_hooks.hpp>
#include <viadux/documents/room.hpp>

namespace client {

class Page {
 public:
  explicit Page(State& state) : state_(state), themes_(state.host) {}
  // The routes beside the API's.
  viadux::Result<void> start(viadux::Http& http);
  void add_to(Actions& actions);
  void tick();

 private:
  using Response = viadux::Task<viadux::HttpResponse>;
  Response branding(viadux::HttpRequest request);  // GET /branding/{alias}/{file...}: for the page
  Response api_theme(Asked asked);                 // GET …/theme, …/theme/{file}: as the API has it
  Response avatar(Asked asked);                    // GET …/participants/<uuid>/avatar.jpg
  Response write_log(Asked asked);                 // POST …/participants/<uuid>/client_log
  Response list_logs(viadux::HttpRequest request); // GET /api/client/v2/client_logs
  Response read_log(viadux::HttpRequest request);  // GET /api/client/v2/client_logs/{slot}
  viadux::Task<bool> may_read(viadux::HttpRequest request, std::string organisation);
  // How it looks: where the theme lies, and what the policy has people welcomed by.
  struct Look {
    std::vector<std::string> folders;
    std::string name; // the organisation's
    std::string welcome;
  };
  viadux::Task<Look> look(viadux::documents::OrganisationInfo organisation,
                          viadux::documents::ThemeQuestion question, std::string peer);
  viadux::Task<Look> look_of(MemberRef me, viadux::HttpRequest request);

  State& state_;
  AddressLimits asks_; // of strangers: a policy's queue is not theirs to fill
  Themes themes_;
  ClientLog log_;
};

} // namespace client
