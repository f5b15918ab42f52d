// Decisions a second and how long one takes: the shipped default and the largest preset, in the policy's own
// state; by way of the engine and its thread; and beside them the same decision asked of an HTTP policy
// server on loopback, as other servers do it (a GET with the question in its query, JSON back, on a kept
// connection: HTTP at its best). All in one run, in turn, seven rounds. bench_policy [decisions in a round]
#include "core/control/asio_loop.hpp"
#include "core/policy/engine.hpp"
#include "core/policy/shipped.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace viadux {
namespace {

using Clock = std::chrono::steady_clock;
using documents::AdmitQuestion;

const PolicyWorld& world() {
  static const PolicyWorld made = [] {
    PolicyWorld out;
    out.hooks = core_hooks();
    return out;
  }();
  return made;
}

std::shared_ptr<const PolicyProgram> program(const char* preset) {
  std::vector<std::shared_ptr<const PolicyFile>> files{shipped_default()};
  if (preset)
    files.push_back(std::make_shared<PolicyFile>(PolicyFile{
        "clinic", preset, std::string(shipped_lua(std::string("presets/") + preset + ".lua")), "", ""}));
  return make_program("clinic", std::move(files));
}

Json question() {
  AdmitQuestion asked;
  asked.room = "private-12";
  asked.display_name = "Ward 7";
  asked.protocol = "client";
  asked.role = "guest";
  asked.organisation = "clinic";
  asked.source_address = "198.51.100.7";
  asked.authenticated = documents::Authenticated::pin;
  asked.kind = "person";
  asked.participants = 2;
  return to_json(asked);
}

struct Figures {
  std::vector<double> per_second, p50, p99;
};

template <class Decide>
void measure(Figures& figures, std::size_t count, Decide decide) {
  std::vector<double> times(count);
  const auto began = Clock::now();
  for (double& time : times) {
    const auto one = Clock::now();
    decide();
    time = std::chrono::duration<double, std::micro>(Clock::now() - one).count();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::ranges::sort(times);
  figures.per_second.push_back(static_cast<double>(count) / seconds);
  figures.p50.push_back(times[count / 2]);
  figures.p99.push_back(times[count * 99 / 100]);
}

void print(const char* name, Figures& figures) {
  for (auto* each : {&figures.per_second, &figures.p50, &figures.p99})
    std::ranges::sort(*each);
  const auto middle = [](const std::vector<double>& all) { return all[all.size() / 2]; };
  std::printf("%-44s%10.0f /s (%.0f-%.0f)   p50 %7.1f us   p99 %7.1f us (%.1f-%.1f)\n", name,
              middle(figures.per_second), figures.per_second.front(), figures.per_second.back(),
              middle(figures.p50), middle(figures.p99), figures.p99.front(), figures.p99.back());
}

// ---- the HTTP policy server: one connection after the other, each kept

std::string encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      out += c;
    else
      out.append({'%', "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4U],
                  "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15U]});
  }
  return out;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string read_until_blank_line(int socket) {
  std::string got;
  char buffer[8192];
  while (got.find("\r\n\r\n") == std::string::npos) {
    const ssize_t size = recv(socket, buffer, sizeof buffer, 0);
    if (size <= 0) return {};
    got.append(buffer, static_cast<std::size_t>(size));
  }
  return got;
}

void send_all(int socket, const std::string& text) {
  if (send(socket, text.data(), text.size(), MSG_NOSIGNAL) < 0) std::abort();
}

Json question_of(const std::string& request) {
  Json::Object members;
  const PolicySchema& schema = world().hooks.find("admit")->question;
  std::size_t at = request.find('?') + 1;
  const std::size_t end = request.find(' ', at);
  while (at < end) {
    const std::size_t equals = request.find('=', at);
    const std::size_t stop = std::min(request.find('&', at), end);
    const std::string name = request.substr(at, equals - at);
    const std::string value = decoded(std::string_view(request).substr(equals + 1, stop - equals - 1));
    const auto type = schema.field(name)->type;
    if (type == PolicySchema::Type::integer)
      members.emplace_back(name, Json(std::int64_t{std::stoll(value)}));
    else if (type == PolicySchema::Type::boolean)
      members.emplace_back(name, Json(value == "true"));
    else
      members.emplace_back(name, Json(value));
    at = stop + 1;
  }
  return Json(std::move(members));
}

class HttpPolicyServer {
 public:
  explicit HttpPolicyServer(const char* preset) {
    listening_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listening_, 16) != 0)
      std::abort();
    getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = address;
    thread_ = std::thread([this, preset] { serve(preset); });
  }
  ~HttpPolicyServer() {
    shutdown(listening_, SHUT_RDWR);
    close(listening_);
    thread_.join();
  }
  int connect_to() const {
    const int made = socket(AF_INET, SOCK_STREAM, 0);
    const int one = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(made, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0) std::abort();
    return made;
  }

 private:
  void serve(const char* preset) {
    PolicyEnvironment environment(world(), {});
    if (environment.load(*program(preset))) std::abort();
    const PolicyHook& hook = *world().hooks.find("admit");
    for (int client; (client = accept(listening_, nullptr, nullptr)) >= 0; close(client)) {
      const int one = 1;
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      for (std::string request; !(request = read_until_blank_line(client)).empty();) {
        const PolicyVerdict verdict = environment.decide(hook, question_of(request));
        Json reply{Json::Object{}};
        reply.set("status", "success");
        reply.set("action", "continue");
        reply.set("result", *verdict.answer);
        const std::string body = reply.dump();
        // The reply stands in the head, so that one read has all of it: less work than a real server's.
        send_all(client, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\nX-Body: " + body + "\r\n\r\n");
        if (request.find("Connection: close") != std::string::npos) break;
      }
    }
  }
  int listening_ = -1;
  sockaddr_in address_{};
  std::thread thread_;
};

void ask_by_http(int socket, const Json& asked, bool last) {
  std::string target = "/policy/v1/participant/properties?";
  for (const auto& [name, value] : *asked.object())
    target += (target.ends_with('?') ? "" : "&") + name + "=" +
              encoded(value.text() ? *value.text() : value.dump());
  send_all(socket, "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n" +
                       (last ? "Connection: close\r\n" : "") + "\r\n");
  const std::string answer = read_until_blank_line(socket);
  const std::size_t body = answer.find("X-Body: ") + 8;
  const auto json = Json::parse(std::string_view(answer).substr(body, answer.find("\r\n", body) - body));
  if (!json || !json->find("result")) std::abort();
}

void ask_engine(PolicyEngine& engine, ControlLoop& loop, const Json& asked) {
  std::promise<void> answered;
  loop.post(
      [&] { engine.ask("admit", "clinic", asked, [&](const PolicyDecision&) { answered.set_value(); }); });
  answered.get_future().wait();
}

} // namespace
} // namespace viadux

int main(int argc, char** argv) {
  using namespace viadux;
  const auto count = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 20'000);
  const Json asked = question();
  const PolicyHook& hook = *world().hooks.find("admit");
  PolicyEnvironment plain(world(), {});
  PolicyEnvironment preset(world(), {});
  if (plain.load(*program(nullptr)) || preset.load(*program("sensitive_room"))) return 1;

  AsioLoop loop;
  Metrics metrics;
  PolicyEngine engine(loop, metrics, world(), {});
  auto set = std::make_shared<PolicySet>();
  set->programs["clinic"] = program("sensitive_room");
  engine.swap(set);
  std::thread control([&loop] { loop.run(); });
  const HttpPolicyServer http("sensitive_room");
  const int kept = http.connect_to();

  Figures in_default, in_preset, in_engine, by_http;
  for (int round = 0; round < 7; ++round) {
    measure(in_default, count, [&] { (void)plain.decide(hook, asked); });
    measure(in_preset, count, [&] { (void)preset.decide(hook, asked); });
    measure(in_engine, count / 4, [&] { ask_engine(engine, loop, asked); });
    measure(by_http, count / 4, [&] { ask_by_http(kept, asked, false); });
  }
  close(kept);
  print("default policy, in its state", in_default);
  print("preset sensitive_room, in its state", in_preset);
  print("the same by the engine, two threads away", in_engine);
  print("the same by HTTP on loopback, kept open", by_http);
  loop.stop();
  control.join();
  return 0;
}
