#include "moderator.hpp"

#include "bot.hpp"
#include "words.hpp"

#include <map>
#include <set>

namespace chat {

namespace {

constexpr int patience = 2; ///< Number of warnings.

class moderator_bot final : public bot {
public:
  moderator_bot(caf::actor_config& cfg, caf::actor registry,
                std::set<std::string> words)
    : bot(cfg, std::move(registry), moderator),
      words_(std::move(words)) {
  }

  const char* name() const override {
    return "node.moderator";
  }

private:
  void hear(const message& x) override {
    for (const auto& word : words_of(x.text))
      if (words_.contains(word))
        return object(x, word);
  }

  void object(const message& x, const std::string& word) {
    if (++offences_[x.who] <= patience)
      whisper_to(x, "We do not say \"" + word + "\" here.");
    else
      send_away(x, "said \"" + word + "\" after " + std::to_string(patience)
                     + " warnings");
  }

  void forget(const std::string&) override {
  }

  void forget_guest(const std::string& who) override {
    offences_.erase(who);
  }

  std::set<std::string> words_;
  std::map<std::string, int> offences_; ///< By id of the connection.
};

} // namespace

caf::actor spawn_moderator(caf::actor_system& sys, const caf::actor& registry,
                           const std::vector<std::string>& words) {
  std::set<std::string> all;
  for (const auto& x : words)
    for (auto& word : words_of(x))
      all.insert(std::move(word));
  return sys.spawn<moderator_bot>(registry, std::move(all));
}

} // namespace chat
