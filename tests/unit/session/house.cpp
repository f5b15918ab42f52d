#include "house.hpp"

#include "core/transport/srtp_session.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <poll.h>

namespace viadux {

House::House(std::uint32_t workers) {
  // The server and bench both initialise libsrtp2, which wants it once and on one thread: the server's first.
  static const auto library = SrtpSession::create(SrtpKeys{}, 1);
  options_.workers = workers;
  options_.base_port = 0;
  options_.addresses = {IpAddress::v4({127, 0, 0, 1})};
  options_.rtp_ports = {51'000, 58'999};
  begin();
}

void House::begin() {
  auto engine = Engine::create(options_, loop_, metrics_);
  if (!engine) throw std::runtime_error(engine.error().message);
  engine_ = std::move(*engine);
  engine_->set_listener(&media_);
  engine_->start();
}

void House::end() {
  engine_->stop();
  loop_.pump(); // what the workers said last must find nobody gone
  engine_.reset();
}

void House::restart(const std::function<void(EngineOptions&)>& change) {
  end();
  change(options_);
  begin();
}

House::~House() {
  end();
}

bool House::until(const std::function<bool()>& holds, int seconds) {
  const std::int64_t end = loop_.clock().now_us() + seconds * 1'000'000LL;
  for (;;) {
    loop_.pump();
    std::vector<pollfd> sockets;
    for (const auto& guest : guests_) {
      guest->client.pump();
      sockets.push_back({guest->client.descriptor(), POLLIN, 0});
    }
    on_turn();
    if (holds()) return true;
    if (loop_.clock().now_us() > end) return false;
    poll(sockets.data(), sockets.size(), 1);
  }
}

void House::pass(int milliseconds) {
  const std::int64_t end = loop_.clock().now_us() + milliseconds * 1000LL;
  until([&] { return loop_.clock().now_us() >= end; });
}

SessionRequest House::request(std::string offer, std::uint64_t room) const {
  SessionRequest request;
  request.offer = std::move(offer);
  request.room = room;
  return request;
}

Guest& House::enter(const std::vector<bench::OfferLine>& lines, std::uint64_t room) {
  guests_.push_back(std::make_unique<Guest>(seed_++));
  Guest& guest = *guests_.back();
  auto answer = engine_->open(request(guest.client.offer(lines), room));
  EXPECT_TRUE(answer) << answer.error().message;
  if (answer) guest.answer = *answer;
  EXPECT_TRUE(guest.client.accept(guest.answer.answer)) << guest.answer.answer;
  return guest;
}

bool House::await_connection(const Guest& guest) {
  return until([&] { return guest.client.connected() && media_.connected.contains(guest.id()); });
}

Guest& House::join(const std::vector<bench::OfferLine>& lines, std::uint64_t room) {
  Guest& guest = enter(lines, room);
  EXPECT_TRUE(await_connection(guest));
  return guest;
}

void House::update(Guest& guest, const std::vector<bench::OfferLine>& lines) {
  auto answer = engine_->update(guest.id(), guest.client.offer(lines));
  ASSERT_TRUE(answer) << answer.error().message;
  guest.answer = *answer;
  ASSERT_TRUE(guest.client.accept(guest.answer.answer));
}

void House::fill(const Guest& to, std::uint32_t slot, TrackId track, std::uint8_t priority) {
  SlotFill fill;
  fill.track = track;
  fill.priority = priority;
  const auto filled = engine_->fill_slot(to.id(), slot, fill);
  EXPECT_TRUE(filled) << filled.error().message;
}

std::string House::statistics(SessionId session) {
  std::optional<Result<std::string>> answer;
  engine_->statistics(session, [&](Result<std::string> json) { answer = std::move(json); });
  EXPECT_TRUE(until([&] { return answer.has_value(); }));
  return answer && *answer ? **answer : std::string();
}

double House::figure(SessionId session, const std::string& pointer) {
  const std::string text = statistics(session);
  boost::system::error_code error;
  const auto json = boost::json::parse(text, error);
  EXPECT_FALSE(error) << text;
  const auto* value = json.find_pointer(pointer, error);
  if (value == nullptr) return -1;
  if (value->is_bool()) return value->as_bool() ? 1 : 0;
  return value->is_null() ? -1 : value->to_number<double>();
}

double House::metric(const std::string& series) {
  const std::string text = metrics_.serialize();
  const auto at = text.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + series.size() + 2);
}

} // namespace viadux
