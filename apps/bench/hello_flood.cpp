#include "hello_flood.hpp"

#include "opening.hpp"
#include "violation.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <tuple>
#include <utility>
#include <vector>

namespace troupe::bench {

namespace {

/// Makes `close` send RST, so that flooding does not use up the ports.
void vanish_at_close(int fd) {
  linger value{1, 0};
  if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof(value)) != 0)
    throw_errno("SO_LINGER");
}

class hello_flood {
public:
  explicit hello_flood(const options& opts)
    : where_{opts.url},
      finishes_{opts.finish},
      hello_{make_client_hello()},
      clients_(opts.connections) {
    for (auto i = std::uint32_t{0}; i < clients_.size(); ++i)
      begin(i);
  }

  void run(clock::time_point end) {
    for (auto now = clock::now(); now < end; now = clock::now())
      for (const auto& event : io_.wait(seconds_between(now, end)))
        on_ready(event.data.u32);
  }

  /// Returns the number of handshakes that the server has worked for.
  [[nodiscard]] std::uint64_t count() const {
    return count_;
  }

private:
  void begin(std::uint32_t key) {
    auto& who = clients_[key];
    who.reset();
    auto fd = dial(where_);
    vanish_at_close(fd.get());
    // A recorded message costs a client nothing.
    who.emplace(std::move(fd), finishes_ ? security::tls : security::none);
    if (!finishes_)
      std::ignore = who->write(hello_);
    io_.add(who->fd(), key);
  }

  void on_ready(std::uint32_t key) {
    try {
      if (!is_over(*clients_[key]))
        return;
      ++count_;
    } catch (const violation&) {
      // The server may cut off those that have waited for too long.
    }
    begin(key);
  }

  [[nodiscard]] bool is_over(stream& who) {
    if (finishes_)
      return who.advance();
    auto size = who.read(buffer_);
    if (size == 0u)
      throw ended{"cut off"};
    return size.has_value();
  }

  const endpoint& where_;
  bool finishes_;
  std::string hello_;
  poller io_;
  std::vector<std::optional<stream>> clients_;
  std::array<char, stream::least_buffer> buffer_;
  std::uint64_t count_ = 0;
};

} // namespace

report run_hellos(const options& opts) {
  allow_sockets(opts.connections, opts.server_pid);
  hello_flood flood{opts};
  auto begin = measure_usage(opts.server_pid);
  flood.run(in(opts.seconds));
  auto end = measure_usage(opts.server_pid);
  report result{opts.workload, opts.settings()};
  result.add_work("handshakes", flood.count(), begin, end);
  return result;
}

} // namespace troupe::bench
