#include "kept_rooms.hpp"

#include "directory.hpp"

#include <chrono>

namespace chat {

namespace {

/// Time limit of the first guest's wait for the history from other nodes.
constexpr std::chrono::seconds history_patience{1};

} // namespace

void kept_rooms::open_standing(const std::string& name) {
  open(name).standing = true;
}

void kept_rooms::admit(const std::string& name, const caf::actor& who) {
  auto& room = open(name);
  room.vacant = false;
  if (room.awaited.empty())
    owner_->send(who, admitted{name});
  else
    room.waiting.push_back(who);
}

kept_rooms::record& kept_rooms::open(const std::string& name) {
  auto [i, is_new] = rooms_.try_emplace(name);
  auto& room = i->second;
  if (is_new) {
    room.awaited = all_.keepers(name);
    if (!room.awaited.empty())
      owner_->delayed_send(owner_, history_patience, open_now{name});
    how_.opened(name);
  }
  return room;
}

void kept_rooms::stop_waiting(const std::string& name) {
  auto i = rooms_.find(name);
  if (i == rooms_.end())
    return;
  i->second.awaited.clear();
  for (const auto& x : std::exchange(i->second.waiting, {}))
    owner_->send(x, admitted{name});
}

void kept_rooms::close_vacant(const std::set<std::string>& needed) {
  for (auto i = rooms_.begin(); i != rooms_.end();) {
    auto name = i->first;
    auto& room = i->second;
    auto is_vacant = !needed.contains(name) && !room.standing;
    auto was_vacant = std::exchange(room.vacant, is_vacant);
    auto old = i++;
    if (!is_vacant || !was_vacant)
      continue;
    rooms_.erase(old);
    how_.closed(name);
  }
}

std::vector<std::string> kept_rooms::names() const {
  std::vector<std::string> res;
  for (const auto& [name, room] : rooms_)
    res.push_back(name);
  return res;
}

const history* kept_rooms::said(const std::string& name) const {
  auto i = rooms_.find(name);
  return i == rooms_.end() ? nullptr : &i->second.said;
}

void kept_rooms::remember(message x) {
  if (auto i = rooms_.find(x.room); i != rooms_.end())
    i->second.said.add(std::move(x));
}

void kept_rooms::learn(const std::string& node, const std::string& name,
                       std::vector<message> told) {
  auto i = rooms_.find(name);
  if (i == rooms_.end())
    return;
  i->second.said.merge(std::move(told));
  stop_awaiting(node, name);
}

void kept_rooms::forget_node(const std::string& node) {
  for (const auto& [name, room] : rooms_)
    stop_awaiting(node, name);
}

void kept_rooms::stop_awaiting(const std::string& node,
                               const std::string& name) {
  auto& awaited = rooms_[name].awaited;
  if (awaited.erase(node) > 0 && awaited.empty())
    stop_waiting(name);
}

} // namespace chat
