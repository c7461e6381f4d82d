#include "actors/cluster/remote_interest.hpp"

#include "actors/cluster/remote_text.hpp"
#include "actors/id_claims.hpp"
#include "base/reserved_names.hpp"

#include <string_view>
#include <utility>

namespace troupe::actors {

namespace {

using name_set = std::unordered_set<std::string>;

const std::string& name_of(const std::string& x) {
  return x;
}

const std::string& name_of(const held_id& x) {
  return x.id;
}

/// Removes the names from `known` that are not in a snapshot.
/// @returns the removed names.
template <class T>
std::vector<std::string>
take_missing(name_set& known, const std::vector<T>& snapshot) {
  std::unordered_set<std::string_view> now;
  for (const auto& x : snapshot)
    now.insert(name_of(x));
  std::vector<std::string> result;
  for (const auto& x : known)
    if (!now.contains(x))
      result.push_back(x);
  for (const auto& x : result)
    known.erase(x);
  return result;
}

void take_known(name_set& known, const std::vector<std::string>& gone,
                std::vector<std::string>& result) {
  for (const auto& x : gone)
    if (known.erase(x) > 0)
      result.push_back(x);
}

bool may_be_held(const std::string& id) {
  return is_sound_name(id) && !base::is_reserved(id) && id_claims::is_own(id);
}

bool may_be_populated(const std::string& room) {
  return is_sound_name(room) && !base::is_reserved_room(room);
}

} // namespace

std::optional<remote_interest::changes>
remote_interest::read(const interest_update& msg) {
  if (msg.number != last_number_ + 1 && !msg.is_snapshot)
    return {};
  last_number_ = msg.number;
  changes result;
  read_rooms(msg, result);
  read_ids(msg, result);
  return result;
}

void remote_interest::read_rooms(const interest_update& msg, changes& result) {
  if (msg.is_snapshot)
    result.vacated = take_missing(populated_, msg.populated);
  take_known(populated_, msg.vacated, result.vacated);
  for (const auto& room : msg.populated)
    if (!may_be_populated(room))
      ++result.refused;
    else if (populated_.insert(room).second)
      result.populated.push_back(room);
}

void remote_interest::read_ids(const interest_update& msg, changes& result) {
  if (msg.is_snapshot)
    result.freed = take_missing(held_, msg.held);
  take_known(held_, msg.freed, result.freed);
  for (const auto& x : msg.held) {
    if (!may_be_held(x.id)) {
      ++result.refused;
    } else {
      held_.insert(x.id);
      result.held.push_back(x);
    }
  }
}

} // namespace troupe::actors
