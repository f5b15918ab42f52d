// viadux/media.hpp - taps and sources of media, for plugins in C++. What each call means is said in
// <viadux/media.h>.
//
//   viadux::MediaPort port_;                              [control] member of the plugin, made in start()
//   port_.tap(track);                                     [control]
//   while (auto batch = port_.read())                     [any] on a thread of the plugin's own, when it was
//   woken
//     for (const viadux_item& item : *batch)              or every few milliseconds
//       if (item.kind == VIADUX_PACKET) keep(item.track, item.media_us, viadux::to_view(item.payload));
//
// A Batch may be kept as long as you like, on any thread; but a port gives no more than 64 that are still
// held.
#pragma once

#include <span>
#include <viadux/host.hpp>
#include <viadux/media.h>

namespace viadux {

// [any] A reference to a batch; copies share it.
class Batch {
 public:
  Batch() = default;
  Batch(const viadux_host* host, const viadux_media* table, const viadux_batch* batch)
      : host_(host), table_(table), batch_(batch) {}
  Batch(const Batch& other) : host_(other.host_), table_(other.table_), batch_(other.batch_) {
    if (batch_) table_->retain(host_->context, batch_);
  }
  Batch(Batch&& other) noexcept
      : host_(other.host_), table_(other.table_), batch_(std::exchange(other.batch_, nullptr)) {}
  Batch& operator=(Batch other) noexcept {
    std::swap(host_, other.host_);
    std::swap(table_, other.table_);
    std::swap(batch_, other.batch_);
    return *this;
  }
  ~Batch() {
    if (batch_) table_->release(host_->context, batch_);
  }
  explicit operator bool() const { return batch_ != nullptr; }
  std::size_t size() const { return batch_ ? batch_->items.count : 0; }
  const viadux_item& operator[](std::size_t place) const {
    const auto* bytes = static_cast<const char*>(batch_->items.items);
    return *reinterpret_cast<const viadux_item*>(bytes + place * batch_->items.item_size);
  }

  class Iterator {
   public:
    Iterator(const Batch& batch, std::size_t place) : batch_(&batch), place_(place) {}
    const viadux_item& operator*() const { return (*batch_)[place_]; }
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return place_ != other.place_; }

   private:
    const Batch* batch_;
    std::size_t place_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  const viadux_host* host_ = nullptr;
  const viadux_media* table_ = nullptr;
  const viadux_batch* batch_ = nullptr;
};

class MediaPort {
 public:
  explicit MediaPort(Host host)
      : host_(host.table()), table_(static_cast<const viadux_media*>(
                                 host_->get_interface(host_->context, to_text(VIADUX_MEDIA)))) {}
  MediaPort(const MediaPort&) = delete;
  MediaPort& operator=(const MediaPort&) = delete;
  ~MediaPort() { close(); }

  // [control] `wake` must not block and is called on a thread of the host's: set a flag, write to an eventfd.
  // It must stay callable until close() has returned. unsupported: this host has no batches.
  Result<void> open(std::function<void()> wake = {}) {
    if (!table_)
      return make_error(ErrorCode::unsupported, "no_batches", "this host gives no media to plugins");
    wake_ = std::move(wake);
    return result(table_->open(host_->context, wake_ ? &MediaPort::woken : nullptr, this, &port_),
                  "port_refused", "the port was not opened");
  }
  // [control] After the thread that reads has ended.
  void close() {
    if (port_ != 0) host_->close(host_->context, std::exchange(port_, 0));
  }

  // [control]
  Result<viadux_track_format> tap(Handle track) {
    viadux_track_format format{};
    format.struct_size = sizeof format;
    const auto tapped = result(table_->tap(host_->context, port_, track.value, &format), "not_tapped",
                               "the track was not tapped");
    if (!tapped) return tapped.error();
    return format;
  }
  void untap(Handle track) { table_->untap(host_->context, port_, track.value); }

  // [control] A track of ours that `participant` sends.
  Result<Handle> source(Handle participant, viadux_codec codec, viadux_track_content content = VIADUX_MAIN) {
    viadux_track_format format{};
    format.struct_size = sizeof format;
    format.codec = codec;
    format.content = content;
    format.encodings = 1;
    format.packetization_mode = 1;
    Handle track;
    const auto made = result(table_->source(host_->context, port_, participant.value, &format, &track.value),
                             "no_source", "the source was not made");
    if (!made) return made.error();
    return track;
  }
  void withdraw(Handle track) { table_->withdraw(host_->context, port_, track.value); }

  // [any], one thread at a time. Empty: nothing has come, or 64 batches are held.
  Batch read() {
    const viadux_batch* batch = nullptr;
    table_->read(host_->context, port_, &batch);
    return {host_, table_, batch};
  }
  void request_key_frame(Handle track, std::uint32_t encoding = 0) {
    table_->request_key_frame(host_->context, port_, track.value, encoding);
  }
  // busy: some were left out. At most 64.
  Result<void> write(std::span<const viadux_item> packets) {
    const viadux_table table{packets.data(), static_cast<std::uint32_t>(packets.size()), sizeof(viadux_item)};
    return result(table_->write(host_->context, port_, table), "not_written", "not all packets were taken");
  }

 private:
  static void woken(void* arg) { static_cast<MediaPort*>(arg)->wake_(); }
  static Result<void> result(viadux_status status, const char* reason, const char* message) {
    if (status == VIADUX_OK) return {};
    return make_error(static_cast<ErrorCode>(status), reason, message);
  }

  const viadux_host* host_;
  const viadux_media* table_;
  viadux_handle port_ = 0;
  std::function<void()> wake_;
};

} // namespace viadux
