#include "player.hpp"

#include "ogg_opus.hpp"

#include <array>
#include <chrono>
#include <fstream>

namespace prompts {
namespace {

constexpr std::int64_t packet_us = packet_ms * 1000;
// Who receives is connected by then, and a mix has begun: the first word is heard.
constexpr std::int64_t breath_us = 600'000;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::string bytes(longest_file + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(file.gcount() > 0 ? static_cast<std::size_t>(file.gcount()) : 0);
  return bytes;
}

} // namespace

viadux::Result<void> Player::start() {
  if (const auto opened = port_.open(); !opened) return opened;
  thread_ = std::thread([this] { run(); });
  return {};
}

void Player::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  port_.close();
}

void Player::play(Prompt prompt) {
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(prompt));
  }
  wake_.notify_all();
}

void Player::run() {
  std::vector<Playing> playing;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto something = [&] { return stopping_ || !asked_.empty(); };
    if (playing.empty())
      wake_.wait(lock, something);
    else
      wake_.wait_for(lock, std::chrono::milliseconds(packet_ms / 2), something);
    if (stopping_) return;
    std::vector<Prompt> asked = std::exchange(asked_, {});
    lock.unlock();
    for (Prompt& prompt : asked)
      playing.push_back(begin(std::move(prompt)));
    std::erase_if(playing, [this](Playing& each) { return !send_due(each); });
    while (port_.read()) { // whether somebody listens makes no difference here
    }
    lock.lock();
  }
}

Player::Playing Player::begin(Prompt prompt) const {
  Playing playing;
  playing.packets = prompt.shipped;
  playing.due_us = host_.now_us() + breath_us;
  if (const std::string file = prompt.path.empty() ? std::string() : read_file(prompt.path); !file.empty()) {
    auto own = read_ogg_opus(file);
    playing.own = static_cast<bool>(own);
    if (own)
      playing.packets = std::make_shared<const std::vector<std::string>>(std::move(own).value());
    else
      host_.log(viadux::LogLevel::warn, "prompt_unusable",
                viadux::Json(viadux::Json::Object{{"path", viadux::Json(prompt.path)},
                                                  {"why", viadux::Json(own.error().message)},
                                                  {"hint", viadux::Json(own.error().hint)}}));
  }
  playing.prompt = std::move(prompt);
  return playing;
}

bool Player::send_due(Playing& playing) {
  constexpr std::int64_t samples = 48 * packet_ms;
  const std::int64_t now_us = host_.now_us();
  while (playing.due_us <= now_us && playing.next < playing.packets->size()) {
    viadux_item item{};
    item.kind = VIADUX_PACKET;
    item.flags = playing.next == 0 ? VIADUX_MARKER | VIADUX_HAS_LEVEL : VIADUX_HAS_LEVEL;
    item.track = playing.prompt.track.value;
    item.media_us = now_us;
    item.timestamp = static_cast<std::uint32_t>(static_cast<std::int64_t>(playing.next) * samples);
    item.sequence = static_cast<std::uint16_t>(playing.next);
    item.minus_dbov = 10; // a voice nearby: the loudest are heard
    item.payload = viadux::to_text((*playing.packets)[playing.next]);
    (void)port_.write(std::array{item}); // gone: the meeting has ended before it could be told
    ++playing.next;
    playing.due_us += packet_us;
  }
  if (playing.next < playing.packets->size()) return true;
  playing.prompt.done(playing.own);
  return false;
}

} // namespace prompts
