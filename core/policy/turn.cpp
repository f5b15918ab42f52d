#include "core/policy/turn.hpp"

#include "core/log/log.hpp"
#include "core/policy/turn_question.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <netdb.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace viadux {
namespace {

constexpr int misses_to_be_dead = 2;
constexpr int patience_ms = 700;

struct TurnAddress {
  std::string host;
  std::string port;
  bool tcp = false;
  bool tls = false;
};

// RFC 7065: turn:host[:port][?transport=udp|tcp]; IPv6 in brackets.
TurnAddress parse_url(const std::string& url) {
  const bool tls = url.starts_with("turns:");
  std::string rest = url.substr(url.find(':') + 1);
  TurnAddress out;
  out.port = tls ? "5349" : "3478";
  out.tcp = out.tls = tls;
  if (const std::size_t query = rest.find('?'); query != std::string::npos) {
    out.tcp = tls || rest.find("transport=tcp", query) != std::string::npos;
    rest.resize(query);
  }
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', bracket == std::string::npos ? 0 : bracket);
  out.host = rest.substr(0, colon);
  if (colon != std::string::npos) out.port = rest.substr(colon + 1);
  if (out.host.starts_with('[') && out.host.ends_with(']'))
    out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

bool wait_for(int socket, short what) {
  pollfd waits{socket, what, 0};
  return poll(&waits, 1, patience_ms) == 1 && (waits.revents & (POLLERR | POLLHUP)) == 0;
}

bool connected(int socket) {
  int error = 1;
  socklen_t size = sizeof error;
  return wait_for(socket, POLLOUT) && getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
         error == 0;
}

// One question and its answer, over UDP or TCP: both carry the bare message (RFC 8489 section 6.2).
class Exchange {
 public:
  explicit Exchange(int socket) : socket_(socket) {}
  TurnTransaction next() {
    if (RAND_bytes(transaction_.data(), static_cast<int>(transaction_.size())) != 1) transaction_ = {};
    return transaction_;
  }
  std::optional<TurnReply> ask(const std::vector<std::uint8_t>& request) {
    if (!send(request)) return std::nullopt;
    std::size_t size = 0;
    do { // over TCP an answer may come in parts
      if (size == answer_.size() || !wait_for(socket_, POLLIN)) return std::nullopt;
      const ssize_t got = recv(socket_, answer_.data() + size, answer_.size() - size, MSG_DONTWAIT);
      if (got <= 0) return std::nullopt;
      size += static_cast<std::size_t>(got);
    } while (size < 20 || size < 20U + (static_cast<std::size_t>(answer_[2]) << 8U | answer_[3]));
    return read_turn_reply({answer_.data(), size}, transaction_);
  }
  bool send(const std::vector<std::uint8_t>& request) const {
    return ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request.size());
  }

 private:
  int socket_;
  TurnTransaction transaction_{};
  std::array<std::uint8_t, 2048> answer_{};
};

TurnState allocate_on(int socket, const TurnAccess& access) {
  constexpr int unauthenticated = 401;
  constexpr int quota_reached = 486;
  constexpr int no_capacity = 508;
  Exchange exchange(socket);
  const auto challenge = exchange.ask(turn_allocate(exchange.next(), std::nullopt));
  if (!challenge) return TurnState::silent;
  if (challenge->error != unauthenticated) return TurnState::refuses;
  const TurnCredentials credentials{access.username, access.credential, std::string(challenge->realm),
                                    std::string(challenge->nonce)};
  const auto reply = exchange.ask(turn_allocate(exchange.next(), credentials));
  if (!reply) return TurnState::silent;
  if (!reply->success)
    return reply->error == quota_reached || reply->error == no_capacity ? TurnState::full
                                                                        : TurnState::refuses;
  (void)exchange.send(turn_release(exchange.next(), credentials));
  return TurnState::works;
}

TurnState ask_address(const addrinfo& address, const TurnAddress& wanted, const TurnAccess& access) {
  const int socket =
      ::socket(address.ai_family, (wanted.tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return TurnState::silent;
  const bool begun = connect(socket, address.ai_addr, address.ai_addrlen) == 0 || errno == EINPROGRESS;
  TurnState state = TurnState::silent;
  if (begun && (!wanted.tcp || connected(socket)))
    state = wanted.tls ? TurnState::works : allocate_on(socket, access); // nobody speaks TLS here
  close(socket);
  return state;
}

const char* word_of(TurnState state) {
  return state == TurnState::refuses ? "it refuses our secret"
         : state == TurnState::full  ? "it has no room"
                                     : "it is silent";
}

} // namespace

TurnAccess turn_access(const TurnServer& server, std::int64_t now_s) {
  TurnAccess out;
  out.urls = server.urls;
  out.username = std::to_string(now_s + server.lifetime_s) + ":viadux";
  const std::string& secret = server.secret.reveal();
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(out.username.data()), out.username.size(), mac.data(), &size);
  std::array<unsigned char, 64> text{};
  const int length = EVP_EncodeBlock(text.data(), mac.data(), static_cast<int>(size));
  out.credential.assign(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length));
  return out;
}

TurnState ask_turn(const std::string& url, const TurnAccess& access) {
  const TurnAddress wanted = parse_url(url);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = wanted.tcp ? SOCK_STREAM : SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(wanted.host.c_str(), wanted.port.c_str(), &hints, &found) != 0) return TurnState::silent;
  TurnState state = TurnState::silent;
  int tried = 0;
  for (const addrinfo* each = found; each && state == TurnState::silent && tried < 4;
       each = each->ai_next, ++tried)
    state = ask_address(*each, wanted, access);
  freeaddrinfo(found);
  return state;
}

// ---- the probe

// One address, as one server of an organisation's file has it: two organisations may have one by two secrets.
using Key = std::pair<std::string, std::string>; // URL, secret

struct TurnProbe::Shared {
  Shared(std::int64_t every, Ask question) : every_ms(every), ask(std::move(question)) {}
  const std::int64_t every_ms;
  const Ask ask;
  std::mutex mutex;
  std::condition_variable wake;
  std::map<Key, TurnServer> watched;
  std::map<Key, int> misses; // in a row
  bool asked = false;        // anew, at once
  bool stopping = false;
  bool ended = false;
};

TurnProbe::TurnProbe(std::int64_t every_ms, Ask ask)
    : shared_(std::make_shared<Shared>(every_ms, std::move(ask))) {
  thread_ = std::thread([shared = shared_] {
    pthread_setname_np(pthread_self(), "turn-probe");
    run(shared);
  });
}

TurnProbe::~TurnProbe() {
  constexpr std::chrono::milliseconds patience(500);
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->wake.notify_all();
  const bool ended = shared_->wake.wait_for(lock, patience, [this] { return shared_->ended; });
  lock.unlock();
  if (ended)
    thread_.join();
  else
    thread_.detach(); // it has what it needs, and says nothing more
}

void TurnProbe::watch(const Organisations& organisations) {
  std::map<Key, TurnServer> servers;
  for (const Organisation* organisation : organisations.all())
    for (const TurnServer& server : organisation->turn)
      for (const std::string& url : server.urls)
        servers.try_emplace({url, server.secret.reveal()}, server);
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  const std::lock_guard lock(shared_->mutex);
  if (std::ranges::equal(servers, shared_->watched, same)) return;
  shared_->watched = std::move(servers);
  std::erase_if(shared_->misses,
                [this](const auto& entry) { return !shared_->watched.contains(entry.first); });
  shared_->asked = true;
  shared_->wake.notify_all();
}

bool TurnProbe::alive(const TurnServer& server, const std::string& url) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->misses.find({url, server.secret.reveal()});
  return found == shared_->misses.end() || found->second < misses_to_be_dead;
}

std::size_t TurnProbe::dead() const {
  const std::lock_guard lock(shared_->mutex);
  return static_cast<std::size_t>(std::ranges::count_if(
      shared_->misses, [](const auto& entry) { return entry.second >= misses_to_be_dead; }));
}

std::size_t TurnProbe::watched() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->watched.size();
}

void TurnProbe::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (!shared->stopping) {
    shared->asked = false;
    const std::map<Key, TurnServer> watched = shared->watched;
    for (const auto& [key, server] : watched) {
      lock.unlock();
      const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count();
      const TurnState state = shared->ask(key.first, turn_access(server, now_s));
      lock.lock();
      if (shared->stopping) break;
      if (!shared->watched.contains(key)) continue;
      int& misses = shared->misses[key];
      const bool well = state == TurnState::works;
      if (!well && misses == misses_to_be_dead - 1)
        log_error("policy", "a TURN server cannot be used: it is left out",
                  {{"url", key.first}, {"why", word_of(state)}});
      if (well && misses >= misses_to_be_dead)
        log_info("policy", "a TURN server works again", {{"url", key.first}});
      misses = well ? 0 : misses + 1;
    }
    const auto again = [&] { return shared->stopping || shared->asked; };
    if (shared->watched.empty())
      shared->wake.wait(lock, again); // nothing to ask: no waking up
    else
      shared->wake.wait_for(lock, std::chrono::milliseconds(shared->every_ms), again);
  }
  shared->ended = true;
  shared->wake.notify_all();
}

} // namespace viadux
