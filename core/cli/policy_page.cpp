#include "core/cli/policy_page.hpp"

#include "core/cli/policy_commands.hpp"

namespace viadux {
namespace {

namespace json = boost::json;

constexpr const char* page_html = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Policies</title>
<link rel="stylesheet" href="page.css">
<main>
<h1>Policies</h1>
<form id="ask">
  <label for="token">Token of a policy writer</label>
  <input id="token" type="password" autocomplete="off" required>
  <button>Show</button>
</form>
<p id="trouble" role="alert"></p>
<section id="shown" hidden>
  <h2>Organisations</h2>
  <table><thead><tr><th>organisation<th>version<th>files<th>decisions<th>by hook<th>failures<th>slowest<th>last failure
  </tr></thead><tbody id="organisations"></tbody></table>
  <h2>Last decisions</h2>
  <table><thead><tr><th>time<th>hook<th>organisation<th>decided by<th>CPU<th>asked<th>answer</tr></thead>
  <tbody id="traces"></tbody></table>
</section>
</main>
<script src="page.js" type="module"></script>
</html>
)html";

constexpr const char* page_css =
    R"css(body { font: 16px/1.4 system-ui, sans-serif; margin: 1rem; color: #111; background: #fff }
table { border-collapse: collapse; width: 100%; overflow-wrap: anywhere }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid #999; font-size: .9rem }
input { font: inherit; padding: .3rem; width: 24rem; max-width: 100% }
button { font: inherit; padding: .3rem 1rem }
.failed { background: #fde8e8 }
#trouble { color: #a00; min-height: 1.4em }
)css";

constexpr const char* page_js = R"js(const by = (id) => document.getElementById(id);
const row = (cells, failed) => {
  const line = document.createElement('tr');
  if (failed) line.className = 'failed';
  for (const text of cells) line.insertCell().textContent = text; // as text: a policy wrote some of it
  return line;
};
const hooks = (counts) => Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ');
async function show() {
  const answer = await fetch('state', { headers: { Authorization: `Bearer ${by('token').value.trim()}` } });
  const said = await answer.json();
  by('trouble').textContent = answer.ok ? '' : said.message;
  by('shown').hidden = !answer.ok;
  if (!answer.ok) return;
  by('organisations').replaceChildren(...said.organisations.map((each) => row([each.organisation, each.version,
    each.files.join(' > '), each.decisions, hooks(each.by_hook), each.failures, `${each.slowest_us} us`,
    each.last_failure && `${each.last_failure_at} ${each.last_failure}`], each.breaker_open)));
  by('traces').replaceChildren(...said.traces.map((each) => row([each.at, each.hook, each.organisation,
    each.decided_by + (each.decided_in && `: ${each.decided_in}`), `${each.cpu_us} us`, each.question,
    each.failure ? `${each.answer} (${each.failure})` : each.answer], each.failure)));
}
by('ask').addEventListener('submit', (event) => { event.preventDefault(); show(); });
)js";

HttpResponse file(const char* type, const char* text) {
  HttpResponse response;
  response.status = 200;
  response.body = text;
  response.headers.set("Content-Type", type);
  response.headers.set("Cache-Control", "no-cache");
  response.headers.set("Content-Security-Policy",
                       "default-src 'self'; base-uri 'none'; frame-ancestors 'none'");
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

HttpResponse said(int status, const json::value& body) {
  HttpResponse response = json_response(json::serialize(body) + "\n", status);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

HttpResponse refused(int status, const Error& error) {
  return said(status, json::object{{"reason", error.reason}, {"message", error.message}});
}

HttpResponse state(Auth& auth, const PolicyEngine& engine, const HttpRequest& request) {
  const Result<Principal> who =
      auth.check(bearer_token(request.headers.get("Authorization")), request.remote_address);
  if (!who) return refused(who.error().code == ErrorCode::busy ? 429 : 401, who.error());
  const MayRead may = [&](std::string_view organisation) {
    return who->may(PrincipalRole::policy_writer, organisation);
  };
  if (!may(who->organisation))
    return refused(
        403, make_error(ErrorCode::refused, "role_missing", "This needs a token of the role policy_writer."));
  return said(200, json::object{{"organisations", policy_states(engine, may)},
                                {"traces", policy_traces(engine, may, "", 100)}});
}

} // namespace

Result<void> add_policy_page(HttpServer& http, Auth& auth, const PolicyEngine& engine) {
  struct Entry {
    const char* path;
    std::function<HttpResponse(const HttpRequest&)> answer;
  };
  const Entry entries[] = {
      {"/policy/", [](const HttpRequest&) { return file("text/html; charset=utf-8", page_html); }},
      {"/policy/page.css", [](const HttpRequest&) { return file("text/css; charset=utf-8", page_css); }},
      {"/policy/page.js", [](const HttpRequest&) { return file("text/javascript; charset=utf-8", page_js); }},
      {"/policy/state",
       [&auth, &engine](const HttpRequest& request) { return state(auth, engine, request); }},
  };
  for (const Entry& entry : entries) {
    auto added = http.route("GET", entry.path,
                            [answer = entry.answer](const HttpRequest& request, HttpResponder responder) {
                              responder.respond(answer(request));
                            });
    if (!added) return added.error();
  }
  return {};
}

} // namespace viadux
