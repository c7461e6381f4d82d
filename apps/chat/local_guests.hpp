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

/// The connections of the guests of this node. Sends events to their pages.
class local_guests {
public:
  /// @param owner the directory.
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

  /// Returns the connection with this id, or null if there is none.
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

  /// Sends an event to the pages of all guests.
  template <class T>
  void tell_all(std::string_view event, const T& data) const {
    auto x = frame_of(event, data);
    for (const auto& [id, connection] : connections_)
      owner_->send(connection, troupe::msg::emit{x});
  }

  /// Sends an event to the pages of those `people` who are guests of this node.
  template <class T>
  void tell(const std::vector<person>& people, std::string_view event,
            const T& data) const {
    auto x = frame_of(event, data);
    for (const auto& guest : people)
      if (const auto* connection = find(guest.who))
        owner_->send(*connection, troupe::msg::emit{x});
  }

  /// Sends a refusal to the page of `connection`.
  /// @param about what is refused: a nickname, a room or a message's id.
  void refuse(const caf::actor& connection, const std::string& about,
              std::string reason) const;

  /// Closes a connection whose page has its nickname on another connection now.
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
