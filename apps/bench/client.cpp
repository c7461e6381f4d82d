#include "client.hpp"

#include "violation.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace troupe::bench {

std::string_view client::read(std::span<char> buffer) {
  auto kept = unread_.size();
  std::copy(unread_.begin(), unread_.end(), buffer.begin());
  unread_.clear();
  auto n = socket_.read(buffer.subspan(kept));
  if (n == 0)
    throw ended{"connection " + std::to_string(key_) + " closed by the server"};
  return {buffer.data(), kept + n.value_or(0)};
}

void client::read_at(int bytes) {
  if (setsockopt(fd(), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes)) != 0)
    throw_errno("SO_RCVLOWAT");
}

void client::send(std::string_view bytes, poller& io) {
  if (!unsent_.empty()) {
    unsent_ += bytes;
    return;
  }
  bytes.remove_prefix(socket_.write(bytes));
  if (bytes.empty())
    return;
  unsent_ = bytes;
  io.watch_writes(fd(), key_, true);
}

void client::flush(poller& io) {
  auto bytes = std::exchange(unsent_, {});
  io.watch_writes(fd(), key_, false);
  send(bytes, io);
}

bool client::take_control(std::string_view& bytes, poller& io) {
  if (bytes.size() < 2)
    return false;
  auto type = static_cast<frame_type>(bytes[0]);
  auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[1]));
  if (type == frame_type::close)
    throw ended{"connection " + std::to_string(key_) + " got a close frame"};
  if (type != frame_type::ping && type != frame_type::pong)
    throw violation{"connection " + std::to_string(key_)
                    + " got an unexpected frame"};
  if (bytes.size() < 2 + size)
    return false;
  if (type == frame_type::ping) {
    std::string answer;
    writer_.append(answer, frame_type::pong, bytes.substr(2, size));
    send(answer, io);
  }
  bytes.remove_prefix(2 + size);
  return true;
}

void client::say_goodbye(poller& io) {
  std::string frame;
  writer_.append(frame, frame_type::close, "\x03\xe8"); // 1000: normal
  send(frame, io);
}

} // namespace troupe::bench
