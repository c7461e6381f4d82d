#include "actors/id_claims.hpp"

#include "troupe/id.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace troupe::actors {

namespace {

uint64_t now() {
  using namespace std::chrono;
  auto time = system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(duration_cast<nanoseconds>(time).count());
}

/// Returns a random value that decides between claims of the same time.
uint64_t draw_lot() {
  thread_local std::mt19937_64 generate{std::random_device{}()};
  return generate();
}

} // namespace

bool id_claims::is_own(std::string_view id) noexcept {
  return node_of(id).empty();
}

const held_id& id_claims::hold(const std::string& id) {
  held_id x{id, now(), draw_lot()};
  // The clocks of the nodes may differ.
  if (auto* other = best(id))
    x.since = std::max(x.since, other->what.since + 1);
  return here_.insert_or_assign(id, std::move(x)).first->second;
}

void id_claims::free(const std::string& id) {
  here_.erase(id);
}

void id_claims::learn(const caf::actor& bridge, const held_id& x) {
  forget(bridge, x.id);
  remote_[x.id].push_back({bridge, x});
}

void id_claims::forget(const caf::actor& bridge, const std::string& id) {
  auto i = remote_.find(id);
  if (i == remote_.end())
    return;
  std::erase_if(i->second,
                [&](const foreign& x) { return x.bridge == bridge; });
  if (i->second.empty())
    remote_.erase(i);
}

void id_claims::ignore(const caf::actor& bridge) {
  ignored_.push_back(bridge);
}

void id_claims::stop_ignoring(const caf::actor& bridge) {
  std::erase(ignored_, bridge);
}

bool id_claims::is_ignored(const caf::actor& bridge) const {
  return std::find(ignored_.begin(), ignored_.end(), bridge) != ignored_.end();
}

caf::actor id_claims::keeper(const std::string& id) const {
  auto* x = best(id);
  return x != nullptr ? x->bridge : nullptr;
}

bool id_claims::is_lost(const std::string& id) const {
  auto i = here_.find(id);
  auto* other = best(id);
  return i != here_.end() && other != nullptr && beats(other->what, i->second);
}

std::vector<held_id> id_claims::held() const {
  std::vector<held_id> result;
  result.reserve(here_.size());
  for (const auto& [id, x] : here_)
    result.push_back(x);
  return result;
}

const id_claims::foreign* id_claims::best(const std::string& id) const {
  auto i = remote_.find(id);
  if (i == remote_.end())
    return nullptr;
  const foreign* result = nullptr;
  for (const auto& x : i->second)
    if (!is_ignored(x.bridge)
        && (result == nullptr || beats(x.what, result->what)))
      result = &x;
  return result;
}

bool id_claims::beats(const held_id& x, const held_id& y) const noexcept {
  auto is_older = std::pair{x.since, x.lot} < std::pair{y.since, y.lot};
  return is_older == (policy_ == id_conflict::reject_new);
}

} // namespace troupe::actors
