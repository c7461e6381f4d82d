#include "colleagues.hpp"

#include <exception>
#include <utility>

namespace chat {

namespace {

/// `beat`: the number of the last change at `node`.
struct beat_word {
  std::string node;
  uint64_t number = 0;
};

/// `state`: all attendees at `node`.
struct state_word {
  std::string node;
  uint64_t number = 0;
  std::vector<attendee> all;
};

/// `change`: an attendee at `node` came, changed or left.
struct change_word {
  std::string node;
  uint64_t number = 0;
  attendee is;
  bool gone = false;
};

/// `ask`: requests the `state` of the node `whom`.
struct ask_word {
  std::string whom;
};

/// `recall`: requests the messages of a room from all nodes.
struct recall_word {
  std::string node;
  std::string room;
};

/// `history`: the response to the node `to`.
struct history_word {
  std::string to;
  std::string node;
  std::string room;
  std::vector<message> said;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(beat_word, node, number)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(state_word, node, number, all)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(change_word, node, number, is, gone)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ask_word, whom)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(recall_word, node, room)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(history_word, to, node, room, said)

} // namespace

colleagues::colleagues(std::string node, attendance& all, actions how)
  : node_(std::move(node)),
    all_(all),
    how_(std::move(how)) {
}

// -- this node ----------------------------------------------------------------

template <class T>
void colleagues::say(std::string_view event, const T& what) const {
  if (alone())
    return;
  if (auto x = troupe::encode(event, troupe::to_wire(what), event_prefix))
    how_.say(std::move(*x));
}

void colleagues::put(attendee x) {
  if (auto* known = all_.find(x.who); known && *known == x)
    return;
  say("change", change_word{node_, ++number_, x, false});
  all_.put(node_, std::move(x));
}

void colleagues::remove(const std::string& who) {
  if (all_.find(who))
    say("change", change_word{node_, ++number_, all_.remove(who), true});
}

void colleagues::beat() {
  asked_.clear();
  say("beat", beat_word{node_, number_});
}

void colleagues::recall(const std::string& room) {
  say("recall", recall_word{node_, room});
}

void colleagues::tell(const std::string& node, const std::string& room,
                      std::vector<message> said) {
  say("history", history_word{node, node_, room, std::move(said)});
}

void colleagues::say_state() const {
  say("state", state_word{node_, number_, all_.at(node_)});
}

// -- others -------------------------------------------------------------------

void colleagues::node_up(const std::string& node) {
  up_.insert(node);
}

void colleagues::node_down(const std::string& node) {
  up_.erase(node);
  numbers_.erase(node);
  replace(node, {});
}

void colleagues::hear(const troupe::event& x) {
  try {
    take(x);
  } catch (const nlohmann::json::exception& e) {
    troupe::log_limited(troupe::log_level::warning, {.category = "chat"},
                        "a directory of another node said " + x.name + ": "
                          + e.what());
  }
}

/// Ignores words of a node that is not up: they are late, or early and followed
/// by a beat.
void colleagues::take(const troupe::event& x) {
  if (x.name == "beat") {
    auto word = x.body.get<beat_word>();
    check(word.node, word.number);
  } else if (x.name == "state") {
    auto word = x.body.get<state_word>();
    if (!up_.contains(word.node))
      return;
    auto is_new = numbers_.insert_or_assign(word.node, word.number).second;
    replace(word.node, std::move(word.all));
    if (is_new)
      how_.met(word.node);
  } else if (x.name == "change") {
    auto word = x.body.get<change_word>();
    auto i = numbers_.find(word.node);
    if (i == numbers_.end() || word.number != i->second + 1)
      return check(word.node, word.number);
    i->second = word.number;
    if (word.gone)
      drop(word.is.who);
    else
      put(word.node, std::move(word.is));
  } else if (x.name == "ask") {
    if (x.body.get<ask_word>().whom == node_)
      say_state();
  } else if (x.name == "recall") {
    auto word = x.body.get<recall_word>();
    how_.asked(word.node, word.room);
  } else if (x.name == "history") {
    auto word = x.body.get<history_word>();
    if (word.to == node_)
      how_.told(word.node, word.room, std::move(word.said));
  }
}

/// Requests the state of `node` if changes up to `number` are missing.
void colleagues::check(const std::string& node, uint64_t number) {
  auto i = numbers_.find(node);
  auto is_missing = i == numbers_.end() || i->second != number;
  if (is_missing && up_.contains(node) && asked_.insert(node).second)
    say("ask", ask_word{node});
}

void colleagues::replace(const std::string& node, std::vector<attendee> now) {
  std::set<std::string> gone;
  for (const auto& x : all_.at(node))
    gone.insert(x.who);
  for (auto& x : now) {
    gone.erase(x.who);
    put(node, std::move(x));
  }
  for (const auto& who : gone)
    drop(who);
}

void colleagues::put(const std::string& node, attendee x) {
  auto before = all_.put(node, x);
  if (before != x)
    how_.changed(before, x);
}

void colleagues::drop(const std::string& who) {
  auto before = all_.remove(who);
  how_.changed(before, attendee{who, before.nick, {}, 0, 0, {}});
}

} // namespace chat
