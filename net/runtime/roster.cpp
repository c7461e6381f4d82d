#include "net/runtime/roster.hpp"

#include <caf/local_actor.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace troupe::net {

namespace {

bool is_ours(const caf::local_actor& x) {
  return std::string_view{x.name()}.starts_with("troupe.");
}

} // namespace

roster::roster() : book_{std::make_shared<book>()} {
}

std::string roster::names(size_t most) const {
  std::vector<entry> all;
  {
    std::lock_guard guard{book_->mutex};
    for (const auto& [self, x] : book_->entries)
      all.push_back(x);
  }
  std::ranges::sort(all, {}, &entry::id);
  std::string result;
  for (size_t i = 0; i < std::min(most, all.size()); ++i) {
    result += i == 0 ? "actor " : "; actor ";
    result += std::to_string(all[i].id) + ", " + all[i].name;
    if (all[i].is_detached)
      result += ", detached";
  }
  if (all.size() > most)
    result += " and " + std::to_string(all.size() - most) + " more";
  return result;
}

size_t roster::count() const {
  std::lock_guard guard{book_->mutex};
  return book_->entries.size();
}

/// Called before the actor can run. Registers the removal here, since CAF's
/// libraries, which are built without profiling, never call `remove_actor`.
void roster::add_actor(const caf::local_actor& self, const caf::local_actor*) {
  if (self.getf(caf::abstract_actor::is_hidden_flag) || is_ours(self))
    return;
  {
    std::lock_guard guard{book_->mutex};
    book_->entries[&self] = {self.id(), self.name(),
                             self.getf(caf::abstract_actor::is_detached_flag)};
  }
  const_cast<caf::local_actor&>(self).attach_functor(
    [all = book_, key = &self] {
      std::lock_guard guard{all->mutex};
      all->entries.erase(key);
    });
}

} // namespace troupe::net
