#define CAF_SUITE chat.bots

#include "node/moderator.hpp"
#include "node/word_counter.hpp"
#include "node/words.hpp"

#include "support/chat_fixture.hpp"

using namespace troupe;

namespace {

/// Bots on the third node, where no guests are.
struct fixture : test::chat_fixture {
  fixture() {
    meet();
    moderator = chat::spawn_moderator(sys, cluster[2].registry(),
                                      {"darn", "Heck"});
    counter = chat::spawn_word_counter(sys, cluster[2].registry());
    run();
  }

  ~fixture() {
    for (const auto& x : {moderator, counter})
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  }

  std::vector<std::string> texts(guest& who, const std::string& event) {
    std::vector<std::string> res;
    for (const auto& x : take(who, event))
      res.push_back(x["text"].get<std::string>());
    return res;
  }

  caf::actor moderator;
  caf::actor counter;
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(bots_tests, fixture)

CAF_TEST(words are what blanks and punctuation divide) {
  CAF_CHECK_EQUAL(chat::words_of(" Well, DARN!\n(it's \"ÄRGER\")"),
                  (strings{"well", "darn", "it's", "ärger"}));
  CAF_CHECK(chat::words_of(" ... ").empty());
}

CAF_TEST(who does not mind two warnings is sent away) {
  auto alice = enter(0, "alice", "Alice");
  auto bob = enter(1, "bob", "Bob");
  for (int i = 0; i < 2; ++i) {
    talk(alice, "#lobby", "Darn, you heck");
    CAF_CHECK_EQUAL(take(alice, "whisper").size(), 1u);
    CAF_CHECK(!alice.client.socket->closed());
  }
  talk(alice, "#lobby", "darning a sock"); // That is another word.
  CAF_CHECK(take(alice, "whisper").empty());
  talk(alice, "#lobby", "heck");
  CAF_CHECK(alice.client.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(alice.client.socket->reason(),
                  "said \"heck\" after 2 warnings");
  CAF_CHECK(take(bob, "whisper").empty());
  CAF_CHECK(!bob.client.socket->closed());
}

CAF_TEST(each room has its own words) {
  auto alice = enter(0, "alice", "Alice", "tea");
  auto bob = enter(1, "bob", "Bob", "coffee");
  talk(alice, "#tea", "tea and more tea");
  talk(bob, "#coffee", "coffee");
  texts(alice, "message");
  talk(alice, "#tea", "!words");
  CAF_CHECK_EQUAL(texts(alice, "message"),
                  (strings{"!words", "tea: 2, and: 1, more: 1"}));
}

CAF_TEST(bots that come later are in the rooms there are) {
  auto alice = enter(0, "alice", "Alice", "tea");
  caf::anon_send_exit(counter, caf::exit_reason::user_shutdown);
  run();
  talk(alice, "#tea", "one");
  counter = chat::spawn_word_counter(sys, cluster[2].registry());
  run();
  texts(alice, "message");
  talk(alice, "#tea", "two");
  talk(alice, "#tea", "!words");
  CAF_CHECK_EQUAL(texts(alice, "message"),
                  (strings{"two", "!words", "two: 1"}));
}

CAF_TEST(a room ends although bots are in it) {
  auto alice = enter(0, "alice", "Alice", "tea");
  CAF_CHECK(has_room(2, "#tea"));
  say(alice, "leave", "#tea");
  wait_for_sweep();
  CAF_CHECK(!has_room(2, "#tea"));
  // And begins anew.
  say(alice, "join", "tea");
  talk(alice, "#tea", "!words");
  CAF_CHECK_EQUAL(texts(alice, "message"),
                  (strings{"!words", "Nothing was said here yet."}));
}

CAF_TEST_FIXTURE_SCOPE_END()
