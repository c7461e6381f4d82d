#pragma once

#include "actors/seams/socket_layers.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::test {

/// Calls another upper layer on the thread of its actor, as a session does, so
/// that the inbound fast path is used.
class posting_upper_layer final : public actors::upper_layer {
public:
  /// Runs a function on a thread.
  using post_function = std::function<void(std::function<void()>)>;

  posting_upper_layer(post_function post,
                      std::shared_ptr<actors::upper_layer> to)
    : post_(std::move(post)),
      to_(std::move(to)) {
  }

  void on_frame(frame x) override {
    post_([to = to_, x] { to->on_frame(x); });
  }

  bool on_control(bool is_pong, std::string_view payload) override {
    post_([to = to_, is_pong, text = std::string{payload}] {
      to->on_control(is_pong, text);
    });
    return false;
  }

  void on_overflow(uint64_t dropped, uint64_t conflated) override {
    post_([=, to = to_] { to->on_overflow(dropped, conflated); });
  }

  void on_close(close_info how) override {
    post_([to = to_, how] { to->on_close(how); });
  }

private:
  post_function post_;
  std::shared_ptr<actors::upper_layer> to_;
};

} // namespace troupe::test
