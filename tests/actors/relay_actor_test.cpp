#define CAF_SUITE actors.relay_actor

#include "actors/relay_actor.hpp"

#include "support/fake_event_loop.hpp"
#include "support/fixture.hpp"

#include <algorithm>
#include <chrono>

using namespace troupe;

namespace {

/// A member that takes time and notes what it receives.
class slow_ear final : public actors::direct_receiver {
public:
  bool try_deliver(const batch& messages, const std::string&) override {
    auto end = std::chrono::steady_clock::now() + std::chrono::microseconds{2};
    while (std::chrono::steady_clock::now() < end)
      ;
    heard.push_back(messages.entries().front().message.payload().front());
    return true;
  }

  bool try_confirm(msg::confirmed) override {
    return true;
  }

  std::string heard;
};

struct fixture : test::fixture {
  ~fixture() {
    caf::anon_send(relay, actors::dismiss{});
    event_loop.run();
  }

  std::shared_ptr<actors::member_list> list_of(std::vector<slow_ear>& ears) {
    auto res = std::make_shared<actors::member_list>();
    for (auto& x : ears)
      res->add({caf::actor_cast<caf::actor>(self), &x});
    return res;
  }

  /// Sends the relay a job with one message.
  void publish(const std::string& room, std::vector<slow_ear>& ears,
               const std::string& text, uint64_t sender = 0) {
    batch messages{{{frame::text(text), sender}}};
    *backlog += messages.bytes();
    self->send(relay, actors::relay_job{messages, room, list_of(ears),
                                        ++last_ticket, messages.bytes()});
  }

  /// Sends the relay a letter for the test.
  void post(const std::string& text, uint64_t sender) {
    self->send(relay, actors::letter{.to = caf::actor_cast<caf::actor>(self),
                                     .from = nullptr,
                                     .what = caf::make_message(text),
                                     .sender = sender,
                                     .asks = nullptr});
  }

  std::vector<uint64_t> tickets() {
    std::vector<uint64_t> res;
    while (!self->mailbox().empty())
      self->receive([&](const actors::relayed& x) { res.push_back(x.ticket); },
                    [&](const std::string& x) { letters.push_back(x); },
                    [&](const caf::down_msg&) { has_ended = true; });
    return res;
  }

  /// Runs steps until this number of letters has arrived.
  void await_letters(size_t n) {
    for (tickets(); letters.size() < n && event_loop.step(); tickets())
      ;
  }

  static size_t count(const std::vector<slow_ear>& ears, char message) {
    return std::count_if(ears.begin(), ears.end(), [=](const slow_ear& x) {
      return x.heard.find(message) != std::string::npos;
    });
  }

  test::fake_event_loop event_loop{sys};
  std::shared_ptr<std::atomic<size_t>> backlog
    = std::make_shared<std::atomic<size_t>>(0);
  caf::actor relay = actors::spawn_pinned<actors::relay_actor>(sys, &event_loop,
                                                               backlog);
  uint64_t last_ticket = 0;
  bool has_ended = false;
  test::strings letters;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(relay_tests, fixture)

CAF_TEST(very many members do not hold their thread) {
  std::vector<slow_ear> crowd(5000);
  publish("crowd", crowd, "a");
  publish("crowd", crowd, "b");
  size_t steps = 0;
  size_t most = 0;
  for (size_t before = 0; event_loop.step(); ++steps) {
    auto now = count(crowd, 'a') + count(crowd, 'b');
    most = std::max(most, now - before);
    before = now;
  }
  CAF_CHECK_LESS(most, 2000u);
  CAF_CHECK_GREATER(steps, 5u);
  for (const auto& x : crowd)
    CAF_CHECK_EQUAL(x.heard, "ab");
  CAF_CHECK_EQUAL(tickets(), (std::vector<uint64_t>{1, 2}));
  CAF_CHECK_EQUAL(backlog->load(), 0u);
}

CAF_TEST(another room does not wait for theirs to end) {
  std::vector<slow_ear> crowd(5000);
  std::vector<slow_ear> few(2);
  publish("crowd", crowd, "a");
  event_loop.step();
  publish("few", few, "a");
  while (count(few, 'a') < few.size() && event_loop.step())
    ;
  CAF_CHECK_LESS(count(crowd, 'a'), crowd.size());
  event_loop.run();
  CAF_CHECK_EQUAL(count(crowd, 'a'), crowd.size());
  CAF_CHECK_EQUAL(tickets(), (std::vector<uint64_t>{2, 1}));
}

CAF_TEST(C58 what is for few waits for what its sender said to very many) {
  std::vector<slow_ear> crowd(5000);
  std::vector<slow_ear> few(2);
  publish("crowd", crowd, "a", 7);
  event_loop.step();
  publish("few", few, "a", 7);
  while (count(few, 'a') == 0 && event_loop.step())
    ;
  CAF_CHECK_EQUAL(count(crowd, 'a'), crowd.size());
  event_loop.run();
  CAF_CHECK_EQUAL(count(few, 'a'), few.size());
}

CAF_TEST(C58 a letter waits for what its sender said before and for nobody else) {
  std::vector<slow_ear> crowd(5000);
  publish("crowd", crowd, "a", 7);
  event_loop.step();
  post("second", 7);
  post("third", 7);
  post("of somebody else", 8);
  await_letters(1);
  CAF_CHECK_LESS(count(crowd, 'a'), crowd.size());
  CAF_CHECK_EQUAL(letters, test::strings{"of somebody else"});
  await_letters(2);
  CAF_CHECK_EQUAL(count(crowd, 'a'), crowd.size());
  await_letters(3);
  CAF_CHECK_EQUAL(letters,
                  (test::strings{"of somebody else", "second", "third"}));
  event_loop.run();
  post("later", 7); // nothing is open
  await_letters(4);
  CAF_CHECK_EQUAL(letters.back(), "later");
}

CAF_TEST(a relay that is dismissed finishes what it has begun) {
  std::vector<slow_ear> crowd(5000);
  publish("crowd", crowd, "a");
  publish("crowd", crowd, "b");
  event_loop.step();
  self->monitor(relay);
  caf::anon_send(relay, actors::dismiss{});
  event_loop.run();
  for (const auto& x : crowd)
    CAF_CHECK_EQUAL(x.heard, "ab");
  CAF_CHECK_EQUAL(tickets(), (std::vector<uint64_t>{1, 2}));
  CAF_CHECK(has_ended);
}

CAF_TEST_FIXTURE_SCOPE_END()
