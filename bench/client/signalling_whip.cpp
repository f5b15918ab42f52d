#include "bench/client/signalling.hpp"

namespace viadux::bench {
namespace {

class WhipSignalling final : public Signalling {
 public:
  WhipSignalling(EventLoop& loop, Url base, std::string token)
      : loop_(loop), base_(std::move(base)), token_(std::move(token)) {}

  Task<Result<void>> prepare(std::string) override { co_return Result<void>(); } // made on demand

  Task<Result<Joined>> publish(Peer& peer, std::string room) override {
    auto joined = co_await post(peer, "/whip/" + room);
    co_return joined;
  }

  Task<Result<Joined>> watch(Peer& peer, std::string room, Watch what) override {
    auto path = "/whep/" + room;
    if (!what.query.empty()) path += "?" + what.query;
    if (!what.except.empty()) path += (what.query.empty() ? "?except=" : "&except=") + what.except;
    auto joined = co_await post(peer, path);
    co_return joined;
  }

  Task<Result<void>> leave(Joined who) override {
    HttpRequest request;
    request.method = "DELETE";
    request.url = resolve(base_, who.handle);
    add_token(request);
    auto response = co_await http_request(loop_, request);
    if (!response) co_return response.error();
    if (response->status / 100 != 2) co_return refused(request, *response);
    co_return Result<void>();
  }

 private:
  Task<Result<Joined>> post(Peer& peer, std::string path) {
    HttpRequest request;
    request.method = "POST";
    request.url = base_;
    request.url.path = path;
    request.headers.emplace_back("Content-Type", "application/sdp");
    add_token(request);
    request.body = peer.make_offer();
    auto response = co_await http_request(loop_, request);
    if (!response) co_return response.error();
    if (response->status != 201 || !response->headers.contains("location"))
      co_return refused(request, *response);
    Joined joined;
    joined.handle = response->headers["location"];
    joined.participant = response->headers["viadux-participant"];
    if (auto accepted = peer.accept_answer(response->body); !accepted) co_return accepted.error();
    co_return joined;
  }

  void add_token(HttpRequest& request) const {
    if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  }

  static Error refused(const HttpRequest& request, const HttpResponse& response) {
    return make_error(ErrorCode::refused, "http_" + std::to_string(response.status),
                      request.method + " " + request.url.path + " was answered " +
                          std::to_string(response.status) + ": " + response.body.substr(0, 300));
  }

  EventLoop& loop_;
  Url base_;
  std::string token_;
};

} // namespace

std::unique_ptr<Signalling> make_whip_signalling(EventLoop& loop, Url base, std::string token) {
  return std::make_unique<WhipSignalling>(loop, std::move(base), std::move(token));
}

} // namespace viadux::bench
