#include "core/policy/turn.hpp"

#include "core/log/log.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
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
};

// RFC 7065: turn:host[:port][?transport=udp|tcp]; IPv6 in brackets.
TurnAddress parse_url(const std::string& url) {
  const bool tls = url.starts_with("turns:");
  std::string rest = url.substr(url.find(':') + 1);
  TurnAddress out;
  out.port = tls ? "5349" : "3478";
  out.tcp = tls;
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

// RFC 8489 section 5: a binding request is 20 bytes; the answer carries our transaction id.
bool stun_answers(int socket) {
  std::array<unsigned char, 20> request{0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42};
  if (RAND_bytes(request.data() + 8, 12) != 1) return false;
  if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return false;
  if (!wait_for(socket, POLLIN)) return false;
  std::array<unsigned char, 512> answer{};
  const ssize_t size = recv(socket, answer.data(), answer.size(), MSG_DONTWAIT);
  return size >= 20 && std::memcmp(answer.data() + 4, request.data() + 4, 16) == 0;
}

bool address_answers(const addrinfo& address, bool tcp) {
  const int socket =
      ::socket(address.ai_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return false;
  const bool begun = connect(socket, address.ai_addr, address.ai_addrlen) == 0 || errno == EINPROGRESS;
  bool well = false;
  if (begun && tcp) {
    int error = 1;
    socklen_t size = sizeof error;
    well = wait_for(socket, POLLOUT) && getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
           error == 0;
  } else if (begun) {
    well = stun_answers(socket);
  }
  close(socket);
  return well;
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

bool turn_answers(const std::string& url) {
  const TurnAddress wanted = parse_url(url);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = wanted.tcp ? SOCK_STREAM : SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(wanted.host.c_str(), wanted.port.c_str(), &hints, &found) != 0) return false;
  bool well = false;
  int tried = 0;
  for (const addrinfo* each = found; each && !well && tried < 4; each = each->ai_next, ++tried)
    well = address_answers(*each, wanted.tcp);
  freeaddrinfo(found);
  return well;
}

TurnProbe::TurnProbe(std::int64_t every_ms) : every_ms_(every_ms) {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "turn-probe");
    run();
  });
}

TurnProbe::~TurnProbe() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void TurnProbe::watch(const Organisations& organisations) {
  std::set<std::string> urls;
  for (const Organisation* organisation : organisations.all())
    for (const TurnServer& server : organisation->turn)
      urls.insert(server.urls.begin(), server.urls.end());
  {
    const std::lock_guard lock(mutex_);
    if (urls == urls_) return;
    urls_ = std::move(urls);
    std::erase_if(misses_, [this](const auto& entry) { return !urls_.contains(entry.first); });
    asked_ = true;
  }
  wake_.notify_all();
}

bool TurnProbe::alive(const std::string& url) const {
  const std::lock_guard lock(mutex_);
  const auto found = misses_.find(url);
  return found == misses_.end() || found->second < misses_to_be_dead;
}

std::size_t TurnProbe::dead() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [url, misses] : misses_)
    count += misses >= misses_to_be_dead ? 1 : 0;
  return count;
}

std::size_t TurnProbe::watched() const {
  const std::lock_guard lock(mutex_);
  return urls_.size();
}

void TurnProbe::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    asked_ = false;
    const std::set<std::string> urls = urls_;
    lock.unlock();
    std::map<std::string, bool> answered;
    for (const std::string& url : urls)
      answered[url] = turn_answers(url);
    lock.lock();
    for (const auto& [url, well] : answered) {
      if (!urls_.contains(url)) continue;
      int& misses = misses_[url];
      if (!well && misses == misses_to_be_dead - 1)
        log_error("policy", "a TURN server is silent: it is left out", {{"url", url}});
      if (well && misses >= misses_to_be_dead)
        log_info("policy", "a TURN server answers again", {{"url", url}});
      misses = well ? 0 : misses + 1;
    }
    const auto again = [this] { return stopping_ || asked_; };
    if (urls_.empty())
      wake_.wait(lock, again); // nothing to ask: no waking up
    else
      wake_.wait_for(lock, std::chrono::milliseconds(every_ms_), again);
  }
}

} // namespace viadux
