#include "core/net/send_ring.hpp"

#include "core/net/socket_table.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

namespace viadux {

namespace {

// Small enough to stay in the second-level cache: a larger ring makes encrypting into it a tenth slower.
constexpr std::size_t buffer_size = 512 * 1024;
constexpr std::size_t max_messages = 1024;
constexpr std::size_t max_segments = 64;      // UDP_MAX_SEGMENTS of kernels before 6.9
constexpr std::size_t max_run_bytes = 65'000; // of one GSO message; a UDP datagram's limit less the headers
constexpr std::size_t max_refused = 4096;
constexpr unsigned chunk = 64; // messages per sendmmsg

// What a NIC or a driver says that cannot segment (EIO: no checksum offload; EINVAL; EMSGSIZE: over the
// path's MTU).
bool blames_gso(int error) {
  return error == EIO || error == EINVAL || error == EMSGSIZE;
}

} // namespace

struct SendRing::Scratch {
  struct Control {
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t)) + CMSG_SPACE(sizeof(int)) +
                                                  CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
  };
  std::array<mmsghdr, chunk> messages;
  std::array<iovec, chunk> parts;
  std::array<sockaddr_storage, chunk> to;
  std::array<Control, chunk> control;

  // Describes one message to the kernel. No segment size: a plain datagram.
  void fill(unsigned at, std::uint8_t* data, std::size_t size, const Path& path, std::uint16_t segment_size,
            std::uint8_t dscp) {
    parts[at] = {data, size};
    msghdr& header = messages[at].msg_hdr;
    header = {};
    header.msg_name = &to[at];
    header.msg_namelen = path.remote.to_sockaddr(to[at]);
    header.msg_iov = &parts[at];
    header.msg_iovlen = 1;
    if (segment_size == 0 && dscp == 0 && path.local.is_any()) return;
    control[at].bytes.fill(0);
    header.msg_control = control[at].bytes.data();
    header.msg_controllen = control[at].bytes.size();
    cmsghdr* next = CMSG_FIRSTHDR(&header);
    std::size_t used = 0;
    if (segment_size > 0) {
      next->cmsg_level = SOL_UDP;
      next->cmsg_type = UDP_SEGMENT;
      next->cmsg_len = CMSG_LEN(sizeof segment_size);
      std::memcpy(CMSG_DATA(next), &segment_size, sizeof segment_size);
      used += CMSG_SPACE(sizeof segment_size);
      next = CMSG_NXTHDR(&header, next);
    }
    if (dscp != 0) {
      fill_mark(*next, path.remote.address.is_v4(), dscp);
      used += CMSG_SPACE(sizeof(int));
      next = CMSG_NXTHDR(&header, next);
    }
    if (!path.local.is_any()) used += fill_source(*next, path.local);
    header.msg_controllen = used;
  }

  // The six upper bits of the octet that both versions of IP have for it; the lower two are ECN's (RFC 3168).
  static void fill_mark(cmsghdr& control, bool four, std::uint8_t dscp) {
    const int octet = dscp << 2U;
    control.cmsg_level = four ? IPPROTO_IP : IPPROTO_IPV6;
    control.cmsg_type = four ? IP_TOS : IPV6_TCLASS;
    control.cmsg_len = CMSG_LEN(sizeof octet);
    std::memcpy(CMSG_DATA(&control), &octet, sizeof octet);
  }

  // The address that the packet leaves from: the one that the peer asked.
  static std::size_t fill_source(cmsghdr& control, const IpAddress& local) {
    if (local.is_v4()) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, local.bytes().data() + 12, 4);
      control.cmsg_level = IPPROTO_IP;
      control.cmsg_type = IP_PKTINFO;
      control.cmsg_len = CMSG_LEN(sizeof info);
      std::memcpy(CMSG_DATA(&control), &info, sizeof info);
      return CMSG_SPACE(sizeof info);
    }
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, local.bytes().data(), 16);
    control.cmsg_level = IPPROTO_IPV6;
    control.cmsg_type = IPV6_PKTINFO;
    control.cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(&control), &info, sizeof info);
    return CMSG_SPACE(sizeof info);
  }
};

SendRing::SendRing(SocketTable& sockets, WorkerCounters& counters, bool use_gso, SendMany send_many)
    : sockets_(sockets), counters_(counters), use_gso_(use_gso),
      send_many_(send_many ? send_many : static_cast<SendMany>(::sendmmsg)),
      buffer_(std::make_unique<std::uint8_t[]>(buffer_size)), scratch_(std::make_unique<Scratch>()) {
  messages_.reserve(max_messages);
}

SendRing::~SendRing() = default;

std::span<std::uint8_t> SendRing::reserve() {
  if (buffer_size - used_ < max_packet_size || messages_.size() == max_messages) flush();
  return {buffer_.get() + used_, max_packet_size};
}

void SendRing::commit(std::size_t size, const Path& path, std::uint8_t dscp) {
  assert(size <= max_packet_size);
  if (size == 0) return;
  ++queued_packets_;
  Message* const last = messages_.empty() ? nullptr : &messages_.back();
  if (last && last->open && size <= last->segment_size && last->bytes + size <= max_run_bytes &&
      last->dscp == dscp && last->path == path) {
    last->bytes += static_cast<std::uint32_t>(size);
    ++last->segments;
    last->open = size == last->segment_size && last->segments < max_segments;
  } else {
    const bool open = use_gso_ && (gso_refused_.empty() || !gso_refused(path));
    messages_.push_back({path, static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(size),
                         static_cast<std::uint16_t>(size), 1, dscp, open});
  }
  used_ += size;
}

bool SendRing::gso_refused(const Path& path) const {
  return std::binary_search(gso_refused_.begin(), gso_refused_.end(), path.remote);
}

void SendRing::flush() {
  for (std::size_t first = 0; first < messages_.size();) {
    std::size_t end = first + 1;
    const SocketId id = messages_[first].path.socket;
    while (end < messages_.size() && messages_[end].path.socket == id)
      ++end;
    const auto run = std::span<const Message>(messages_).subspan(first, end - first);
    first = end;
    Socket* const socket = sockets_.find(id);
    if (!socket)
      for (const Message& message : run)
        counters_.drop_stale_socket.add(message.segments);
    else if (socket->tcp)
      flush_tcp(id, *socket->tcp, run);
    else
      flush_udp(socket->descriptor, run);
  }
  messages_.clear();
  used_ = 0;
  queued_packets_ = 0;
}

void SendRing::flush_udp(int socket, std::span<const Message> messages) {
  while (!messages.empty()) {
    const auto count = static_cast<unsigned>(std::min<std::size_t>(messages.size(), chunk));
    for (unsigned i = 0; i < count; ++i) {
      const Message& message = messages[i];
      scratch_->fill(i, buffer_.get() + message.offset, message.bytes, message.path,
                     message.segments > 1 ? message.segment_size : 0, message.dscp);
    }
    unsigned done = 0;
    while (done < count) {
      const int sent = send_many_(socket, scratch_->messages.data() + done, count - done, MSG_DONTWAIT);
      if (sent > 0) {
        for (unsigned end = done + static_cast<unsigned>(sent); done < end; ++done)
          count_sent(messages[done]);
        continue;
      }
      const int error = errno;
      if (error == EINTR) continue;
      if (error == EAGAIN || error == ENOBUFS) return drop_all(messages.subspan(done));
      if (messages[done].segments > 1 && blames_gso(error))
        send_one_by_one(socket, messages[done]);
      else
        counters_.drop_send_error.add(messages[done].segments);
      ++done;
    }
    messages = messages.subspan(count);
  }
}

// The socket's buffer is full: what does not go now is late anyway, and waiting would hurt everyone else.
void SendRing::drop_all(std::span<const Message> messages) {
  for (const Message& message : messages)
    counters_.drop_send_full.add(message.segments);
}

void SendRing::count_sent(const Message& message) {
  counters_.messages_out.add();
  counters_.packets_out.add(message.segments);
  counters_.bytes_out.add(message.bytes);
  if (message.segments > 1) counters_.gso_packets_out.add(message.segments);
}

void SendRing::send_one_by_one(int socket, const Message& run) {
  counters_.gso_fallbacks.add();
  const auto at = std::lower_bound(gso_refused_.begin(), gso_refused_.end(), run.path.remote);
  if (gso_refused_.size() < max_refused && (at == gso_refused_.end() || *at != run.path.remote))
    gso_refused_.insert(at, run.path.remote);
  Scratch one; // a slow path; the shared one is in use by our caller
  for (std::uint32_t sent = 0; sent < run.bytes; sent += run.segment_size) {
    Message packet = run;
    packet.offset = run.offset + sent;
    packet.bytes = std::min<std::uint32_t>(run.segment_size, run.bytes - sent);
    packet.segments = 1;
    one.fill(0, buffer_.get() + packet.offset, packet.bytes, packet.path, 0, packet.dscp);
    if (send_many_(socket, one.messages.data(), 1, MSG_DONTWAIT) == 1)
      count_sent(packet);
    else if (errno == EAGAIN || errno == ENOBUFS)
      counters_.drop_send_full.add();
    else
      counters_.drop_send_error.add();
  }
}

void SendRing::flush_tcp(SocketId id, TcpConnection& connection, std::span<const Message> messages) {
  const std::size_t backlog_before = connection.backlog();
  for (const Message& message : messages) {
    for (std::uint32_t sent = 0; sent < message.bytes; sent += message.segment_size) {
      const std::size_t size = std::min<std::size_t>(message.segment_size, message.bytes - sent);
      if (!connection.send({buffer_.get() + message.offset + sent, size})) {
        counters_.drop_tcp_backlog.add();
        continue;
      }
      counters_.packets_out.add();
      counters_.bytes_out.add(size);
    }
    counters_.messages_out.add();
  }
  if (backlog_before == 0 && connection.backlog() > 0) sockets_.watch_writable(id, true);
}

} // namespace viadux
