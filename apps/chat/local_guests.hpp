#pragma once

#include "protocol.hpp"

#include <troupe/troupe.hpp>

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chat {

/// The guests of this node, as their connections: what the directory says goes
/// to their pages.
class local_guests {
public:
  /// @param owner the directory, which this is part of.
  explicit local_guests(caf::event_based_actor* owner) : owner_(owner) {
  }

  void add(const std::string& id, caf::actor connection) {
    connections_[id] = std::move(connection);
  }

  void remove(const std::string& id) {
    connections_.erase(id);
  }

  void clear() {
    connections_.clear();
  }

  /// Null if there is none.
  const caf::actor* find(const std::string& id) const;

  /// Calls `f(id)` for each guest.
  template <class F>
  void for_each(F f) const {
    for (const auto& [id, connection] : connections_)
      f(id);
  }

  /// Sends an event to the page of `connection`.
  template <class T>
  void tell(const caf::actor& connection, std::string_view event,
            const T& data) const {
    owner_->send(connection, troupe::msg::emit{frame_of(event, data)});
  }

  /// To all of them.
  template <class T>
  void tell_all(std::string_view event, const T& data) const {
    auto x = frame_of(event, data);
    for (const auto& [id, connection] : connections_)
      owner_->send(connection, troupe::msg::emit{x});
  }

  /// To those of `people` who are guests of this node.
  template <class T>
  void tell(const std::vector<person>& people, std::string_view event,
            const T& data) const {
    auto x = frame_of(event, data);
    for (const auto& guest : people)
      if (const auto* connection = find(guest.who))
        owner_->send(*connection, troupe::msg::emit{x});
  }

  /// Tells the page that something was not done.
  /// @param about what of: a nickname, a room or a message's id.
  void refuse(const caf::actor& connection, const std::string& about,
              std::string reason) const;

  /// Closes a connection whose page has its nickname on another one now.
  void close_taken_over(const caf::actor& connection) const;

private:
  template <class T>
  static troupe::frame frame_of(std::string_view event, const T& data) {
    auto x = troupe::encode(event, troupe::to_wire(data), event_prefix);
    return x ? std::move(*x) : troupe::frame{};
  }

  caf::event_based_actor* owner_;
  std::map<std::string, caf::actor> connections_; ///< By id.
};

} // namespace chat
