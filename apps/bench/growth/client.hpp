#pragma once

#include "actors/seams/socket_layers.hpp"
#include "net/http/endpoint.hpp"

#include <troupe/troupe.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::growth {

/// A client in the server's process: its connection behaves as any other but
/// has no socket. Thread-safe.
class client final : public actors::lower_layer,
                     public std::enable_shared_from_this<client> {
public:
  explicit client(net::worker& at) : at_(at) {
  }

  /// Connects to `to` on the thread `at`.
  static std::shared_ptr<client> connect(server& to, net::worker& at);

  /// Sends the messages in order as the connection grants credit, on the
  /// connection's thread as a socket would.
  void say(std::vector<std::string> messages);

  /// Ends the connection as if the client had closed it.
  void hang_up();

  /// Waits until the client has received `count` messages in total.
  void await(uint64_t count);

  uint64_t heard() const;

  /// Returns how often the connection sent messages; a batch counts once.
  uint64_t batches() const;

  // -- lower_layer ------------------------------------------------------------

  actors::send_status send(slice frames) override;
  void grant(uint32_t frames) override;
  void close(close_code code, std::string_view reason) override;
  const std::string& subprotocol() const noexcept override;

  void expire_at(std::chrono::system_clock::time_point) override {
  }

  std::chrono::system_clock::time_point expires_at() const noexcept override {
    return std::chrono::system_clock::time_point::max();
  }

private:
  void send_granted();
  void end(close_info how);

  net::worker& at_;
  mutable std::mutex mutex_;
  std::condition_variable heard_more_;
  std::shared_ptr<actors::upper_layer> upper_layer_;
  std::deque<std::string> unsaid_;
  uint32_t credit_ = 0;
  uint64_t heard_ = 0;
  uint64_t batches_ = 0;
  bool is_over_ = false;
};

} // namespace troupe::growth
