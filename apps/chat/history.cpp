#include "history.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace chat {

void history::add(message x) {
  said_.push_back(std::move(x));
  forget_oldest();
}

void history::merge(std::vector<message> told) {
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& x : said_)
    known.emplace(x.who, x.id);
  for (auto& x : told)
    if (known.emplace(x.who, x.id).second)
      said_.push_back(std::move(x));
  std::stable_sort(said_.begin(), said_.end(),
                   [](auto& x, auto& y) { return x.time < y.time; });
  forget_oldest();
}

void history::forget_oldest() {
  while (said_.size() > max_history)
    said_.pop_front();
}

} // namespace chat
