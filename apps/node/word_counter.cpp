#include "word_counter.hpp"

#include "bot.hpp"
#include "words.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace chat {

namespace {

constexpr size_t top = 5;

/// A room with more words than this forgets those that occurred once.
constexpr size_t max_words = 10'000;

class word_counter_bot final : public bot {
public:
  word_counter_bot(caf::actor_config& cfg, caf::actor registry)
    : bot(cfg, std::move(registry), word_counter) {
  }

  const char* name() const override {
    return "node.word-counter";
  }

private:
  using counts = std::map<std::string, uint64_t>;

  void hear(const message& x) override {
    auto& words = rooms_[x.room];
    if (x.text == "!words")
      return say(x.room, summary(words));
    for (auto& word : words_of(x.text))
      ++words[word];
    if (words.size() > max_words)
      std::erase_if(words, [](const auto& y) { return y.second == 1; });
    if (words.size() > max_words) // Start over if all occurred more often.
      words.clear();
  }

  void forget(const std::string& room) override {
    rooms_.erase(room);
  }

  void forget_guest(const std::string&) override {
  }

  static std::string summary(const counts& words) {
    if (words.empty())
      return "Nothing was said here yet.";
    std::vector<std::pair<std::string, uint64_t>> all{words.begin(),
                                                      words.end()};
    auto more = [](const auto& x, const auto& y) {
      return std::pair{y.second, x.first} < std::pair{x.second, y.first};
    };
    auto n = std::min(top, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(n),
                      all.end(), more);
    std::string res;
    for (size_t i = 0; i < n; ++i)
      res += (i == 0 ? "" : ", ") + all[i].first + ": "
             + std::to_string(all[i].second);
    return res;
  }

  std::map<std::string, counts> rooms_;
};

} // namespace

caf::actor spawn_word_counter(caf::actor_system& sys,
                              const caf::actor& registry) {
  return sys.spawn<word_counter_bot>(registry);
}

} // namespace chat
