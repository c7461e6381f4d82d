#include "attendance.hpp"

#include "text.hpp"

#include <tuple>
#include <utility>

namespace chat {

bool outranks(const attendee& x, const attendee& y) {
  // The higher `turn` comes first: its connection has taken over.
  return std::tie(x.since, x.key, y.turn, x.who)
         < std::tie(y.since, y.key, x.turn, y.who);
}

attendee attendance::put(const std::string& node, attendee x) {
  auto before = remove(x.who);
  for (const auto& room : x.rooms)
    in_rooms(x)[room].insert(x.who);
  if (!x.nick.empty())
    called_[fold(x.nick)].insert(x.who);
  auto who = x.who;
  all_.insert_or_assign(std::move(who), entry{node, std::move(x)});
  return before;
}

attendee attendance::remove(const std::string& who) {
  auto gone = all_.extract(who);
  if (gone.empty())
    return {who, {}, {}, 0, 0, {}};
  auto& x = gone.mapped().is;
  for (const auto& room : x.rooms)
    erase(in_rooms(x), room, x.who);
  erase(called_, fold(x.nick), x.who);
  return std::move(x);
}

const attendee* attendance::find(const std::string& who) const {
  auto i = all_.find(who);
  return i == all_.end() ? nullptr : &i->second.is;
}

std::set<std::string> attendance::rooms_of(const std::string& who) const {
  const auto* x = find(who);
  return x ? x->rooms : std::set<std::string>{};
}

const attendee* attendance::owner_of(std::string_view nick) const {
  const attendee* best = nullptr;
  if (auto i = called_.find(fold(nick)); i != called_.end())
    for (const auto& who : i->second)
      if (const auto* x = find(who); !best || outranks(*x, *best))
        best = x;
  return best;
}

std::vector<attendee> attendance::called(std::string_view nick) const {
  std::vector<attendee> res;
  if (auto i = called_.find(fold(nick)); i != called_.end())
    for (const auto& who : i->second)
      res.push_back(*find(who));
  return res;
}

std::vector<attendee> attendance::at(const std::string& node) const {
  std::vector<attendee> res;
  for (const auto& [who, x] : all_)
    if (x.node == node)
      res.push_back(x.is);
  return res;
}

std::vector<person> attendance::in(const std::string& room) const {
  std::vector<person> res;
  if (auto i = guests_.find(room); i != guests_.end())
    for (const auto& who : i->second)
      res.push_back({who, find(who)->nick});
  return res;
}

std::set<std::string> attendance::keepers(const std::string& room) const {
  auto i = kept_.find(room);
  return i == kept_.end() ? std::set<std::string>{} : i->second;
}

std::vector<room_count> attendance::rooms() const {
  std::map<std::string, size_t> counts;
  for (const auto& [room, nodes] : kept_)
    counts[room] = 0;
  for (const auto& [room, guests] : guests_)
    counts[room] = guests.size();
  std::vector<room_count> res;
  for (const auto& [room, here] : counts)
    res.push_back({room, here});
  return res;
}

void attendance::erase(index& from, const std::string& key,
                       const std::string& who) {
  auto i = from.find(key);
  if (i != from.end() && i->second.erase(who) > 0 && i->second.empty())
    from.erase(i);
}

} // namespace chat
