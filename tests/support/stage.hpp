#pragma once

#include "actors/connection_actor.hpp"
#include "actors/connection_upper_layer.hpp"
#include "actors/registry_actor.hpp"
#include "actors/seams/socket_layers.hpp"
#include "actors/server_core.hpp"
#include "actors/server_publisher.hpp"
#include "troupe/runtime.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/type_id.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

/// @file
///
/// A server without sockets: real registry, rooms and connections with lower
/// layers that record calls.

namespace troupe::test {

/// Returns the payloads of a sequence of frames of a server.
inline std::vector<std::string> payloads_of(std::string_view bytes) {
  std::vector<std::string> res;
  while (!bytes.empty()) {
    size_t size = static_cast<uint8_t>(bytes[1]);
    size_t header = 2;
    if (size >= 126) {
      size_t length_bytes = size == 126 ? 2 : 8;
      size = 0;
      for (size_t i = 0; i < length_bytes; ++i)
        size = size << 8 | static_cast<uint8_t>(bytes[2 + i]);
      header += length_bytes;
    }
    res.emplace_back(bytes.substr(header, size));
    bytes.remove_prefix(header + size);
  }
  return res;
}

/// A socket that is a list. Thread-safe, since some tests run real threads.
class fake_socket final : public actors::lower_layer {
public:
  using time_point = std::chrono::system_clock::time_point;

  actors::send_status send(slice frames) override {
    std::lock_guard guard{mutex_};
    if (closed_)
      return actors::send_status::closed;
    if (breaks)
      throw std::bad_alloc{};
    wire_.emplace_back(frames.bytes);
    if (frames.messages == 0)
      return actors::send_status::queued; // a control frame
    auto xs = payloads_of(frames.bytes);
    if (xs.size() != frames.messages)
      throw std::logic_error("a slice with a wrong count of messages");
    sent_.insert(sent_.end(), xs.begin(), xs.end());
    blocks_.push_back(frames.bytes.data());
    changed_.notify_all();
    return actors::send_status::queued;
  }

  void grant(uint32_t frames) override {
    std::lock_guard guard{mutex_};
    credit_ += frames;
    changed_.notify_all();
  }

  /// Calls `on_close` at once, as if the client had responded.
  void close(close_code code, std::string_view reason) override {
    {
      std::lock_guard guard{mutex_};
      if (std::exchange(closed_, true))
        return;
      code_ = code;
      reason_ = reason;
      changed_.notify_all();
    }
    if (auto to = upper_layer.lock())
      to->on_close({code, std::string{reason}, false, {}});
  }

  void expire_at(time_point end) override {
    std::lock_guard guard{mutex_};
    expires_at_ = end;
  }

  time_point expires_at() const noexcept override {
    std::lock_guard guard{mutex_};
    return expires_at_;
  }

  const std::string& subprotocol() const noexcept override {
    return chosen;
  }

  std::weak_ptr<actors::upper_layer> upper_layer;
  std::string chosen;  ///< Subprotocol; set before the connection is made.
  bool breaks = false; ///< Makes `send` throw.

  /// Returns the messages that were sent since the last call.
  std::vector<std::string> take() {
    std::lock_guard guard{mutex_};
    return std::exchange(sent_, {});
  }

  /// Returns whether a message with this text was sent since the last `take`.
  bool has(const std::string& text) const {
    std::lock_guard guard{mutex_};
    return std::find(sent_.begin(), sent_.end(), text) != sent_.end();
  }

  /// Returns the bytes of each `send` since the last call.
  std::vector<std::string> take_wire() {
    std::lock_guard guard{mutex_};
    return std::exchange(wire_, {});
  }

  /// Waits, on a thread outside the runtime, for a message with this text.
  /// @returns false if none is sent in time.
  bool await(const std::string& text) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, patience, [&] {
      return std::find(sent_.begin(), sent_.end(), text) != sent_.end();
    });
  }

  /// Waits in the same way for credit.
  bool await_credit() {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, patience, [&] { return credit_ > 0; });
  }

  /// Waits in the same way for `close`.
  bool await_close() {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, patience, [&] { return closed_; });
  }

  /// Returns the address of the bytes of each `send`.
  std::vector<const void*> blocks() const {
    std::lock_guard guard{mutex_};
    return blocks_;
  }

  uint32_t credit() const {
    std::lock_guard guard{mutex_};
    return credit_;
  }

  bool closed() const {
    std::lock_guard guard{mutex_};
    return closed_;
  }

  close_code code() const {
    std::lock_guard guard{mutex_};
    return code_;
  }

  std::string reason() const {
    std::lock_guard guard{mutex_};
    return reason_;
  }

private:
  static constexpr std::chrono::seconds patience{20};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> sent_;
  std::vector<std::string> wire_;
  std::vector<const void*> blocks_;
  uint32_t credit_ = 0;
  time_point expires_at_ = time_point::max();
  bool closed_ = false;
  close_code code_ = close_code::no_status;
  std::string reason_;
};

/// A client of a server without sockets.
struct fake_client {
  caf::actor actor;
  std::shared_ptr<fake_socket> socket;
  std::shared_ptr<actors::upper_layer> upper_layer;

  void say(std::string_view message) {
    upper_layer->on_frame(frame::automatic(message));
  }

  void hang_up(close_code code = close_code::normal) {
    upper_layer->on_close({code, "", true, {}});
  }

  std::vector<std::string> heard() {
    return socket->take();
  }
};

/// Returns what a client has received since the last call, with the messages
/// of version 2 that are queued like control frames.
inline std::vector<std::string> heard(fake_client& who) {
  std::vector<std::string> res;
  for (const auto& bytes : who.socket->take_wire())
    for (auto& x : payloads_of(bytes))
      res.push_back(std::move(x));
  return res;
}

/// The actors of one server.
class stage {
public:
  stage(caf::actor_system& sys, config cfg = {},
        std::vector<actors::event_loop*> event_loops = {})
    : system_(sys),
      loops_(std::move(event_loops)) {
    core->settings = std::move(cfg);
    core->registry = actors::spawn_pinned<actors::registry_actor>(
      sys, loops_.empty() ? nullptr : loops_.front(), core, loops_);
  }

  /// Connects a client under `id`.
  fake_client connect(std::string id, std::string subprotocol = {},
                      actors::reading begins = actors::reading::at_once,
                      request req = {}) {
    auto* at = loops_.empty() ? nullptr : loops_[next_++ % loops_.size()];
    fake_client res;
    res.socket = std::make_shared<fake_socket>();
    res.socket->chosen = std::move(subprotocol);
    res.actor = actors::spawn_pinned<actors::connection_actor>(
      system_, at, core, std::move(id), std::move(req), res.socket, begins);
    res.upper_layer = actors::make_upper_layer(res.actor);
    res.socket->upper_layer = res.upper_layer;
    return res;
  }

  const caf::actor& registry() const {
    return core->registry;
  }

  /// Returns the publish target of the server. The first call spawns the
  /// publisher.
  actors::server_target& voice() {
    if (!voice_) {
      auto* at = loops_.empty() ? nullptr : loops_.front();
      voice_.emplace(core, actors::spawn_pinned<actors::server_publisher>(
                             system_, at, core));
    }
    return *voice_;
  }

  /// Returns the index of the event loop on which the registry puts this room.
  size_t thread_of_room(const std::string& name) const {
    return std::hash<std::string>{}(name) % loops_.size();
  }

  std::shared_ptr<actors::server_core> core
    = std::make_shared<actors::server_core>();

private:
  caf::actor_system& system_;
  std::vector<actors::event_loop*> loops_;
  std::optional<actors::server_target> voice_;
  size_t next_ = 0;
};

/// Registers a handler for each command that clients send as an event. Each
/// handler does what the name of the event says.
inline void obey_clients(connection& c) {
  using json = nlohmann::json;
  c.on("join",
       [](connection& me, const std::string& x) { std::ignore = me.join(x); });
  c.on("leave", [](connection& me, const std::string& x) { me.leave(x); });
  c.on("bye", [](connection& me) { me.disconnect(); });
  c.on("throw", [](connection&) { throw std::runtime_error{"as asked"}; });
  c.on("await", [](connection& me) {
    auto who = me.self().spawn([](caf::event_based_actor* self) {
      return caf::behavior{[self](caf::tick_atom) { self->quit(); }};
    });
    me.self().request(who, caf::infinite, caf::tick_atom_v).await([] {});
  });
  c.on("self",
       [](connection& me, const std::string& x) { me.emit_message(x); });
  // Commands with a target: `["room", "text"]`.
  c.on("room", [](connection& me, const json& x) {
    me.to_room(x[0].get<std::string>()).emit_message(x[1].get<std::string>());
  });
  c.on("to", [](connection& me, const json& x) {
    me.to(x[0].get<std::string>()).emit_message(x[1].get<std::string>());
  });
  c.on("members", [](connection& me, const json& x) {
    me.to_room(x[0].get<std::string>())
      .except_me()
      .emit_message(x[1].get<std::string>());
  });
  c.on("connection", [](connection& me, const json& x) {
    me.to_connection(x[0].get<std::string>())
      .emit_message(x[1].get<std::string>());
  });
  c.on("all", [](connection& me, const std::string& x) {
    me.to(all).emit_message(x);
  });
  c.on("others", [](connection& me, const std::string& x) {
    me.to(broadcast).emit_message(x);
  });
}

} // namespace troupe::test
