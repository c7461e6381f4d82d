#define CAF_SUITE net.send_queue

#include "net/io/send_queue.hpp"

#include "caf/test/dsl.hpp"

#include "base/frame_header.hpp"
#include "troupe/batch.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::base;
using namespace troupe::net;

namespace {

constexpr size_t no_limit = ~size_t{0};
constexpr std::string_view wire_ping{"\x89\x00", 2};

/// Returns messages as one block, as a room creates it.
slice block(const std::vector<std::string>& payloads) {
  std::vector<batch::entry> entries;
  for (const auto& x : payloads)
    entries.push_back({frame::text(x)});
  slice result;
  batch{std::move(entries)}.for_each_slice(0, [&](slice x) { result = x; });
  return result;
}

slice one(std::string_view payload) {
  return frame::text(payload).wire();
}

/// Returns the payloads of the frames in `bytes`; a ping is "PING".
std::vector<std::string> payloads_in(std::string_view bytes) {
  std::vector<std::string> result;
  while (!bytes.empty()) {
    auto x = first_frame(bytes);
    result.emplace_back(bytes[0] == wire_ping[0] ? "PING" : x.payload);
    bytes.remove_prefix(x.bytes.size());
  }
  return result;
}

std::string joined(const std::vector<std::string>& xs) {
  std::string result;
  for (const auto& x : xs)
    result += (result.empty() ? "" : " ") + x;
  return result;
}

/// Moves the first `size` bytes, or all if there are fewer.
void take(send_queue& from, size_t size, std::string& to) {
  auto left = size;
  from.for_each_part([&](std::string_view x) {
    auto n = std::min(x.size(), left);
    to += x.substr(0, n);
    left -= n;
    return left > 0;
  });
  from.sent(size - left);
}

struct fixture {
  send_queue queue;
  std::string wire; ///< The bytes passed to the kernel.

  queue_bounds most(overflow policy, size_t messages,
                    size_t bytes = no_limit) const {
    return {bytes, messages, policy, "m:"};
  }

  void send(size_t size) {
    take(queue, size, wire);
  }

  /// Sends the rest of the queue.
  /// @returns all payloads that were sent.
  std::string all_sent() {
    send(queue.bytes());
    CAF_CHECK(queue.empty());
    CAF_CHECK_EQUAL(queue.messages(), 0u);
    return joined(payloads_in(wire));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(send_queue_tests, fixture)

CAF_TEST(what goes in comes out) {
  queue.push(one("a"));
  queue.push(block({"b", "c", std::string(200, 'd')}));
  queue.push({nullptr, wire_ping, 0});
  CAF_CHECK_EQUAL(queue.messages(), 4u);
  CAF_CHECK_EQUAL(queue.bytes(), 9u + 204u + 2u);
  send(4); // half of "b"
  CAF_CHECK_EQUAL(queue.messages(), 3u);
  CAF_CHECK_EQUAL(all_sent(), "a b c " + std::string(200, 'd') + " PING");
}

CAF_TEST(C60 one message of any size may wait alone) {
  auto limits = most(overflow::drop_oldest, 10, 20);
  auto big = one(std::string(1000, 'x'));
  CAF_CHECK(queue.has_room_for(big, limits));
  queue.push(big);
  CAF_CHECK(!queue.has_room_for(one("y"), limits));
}

CAF_TEST(C60 drop_oldest makes room at the front) {
  for (auto x : {"1", "2", "3", "4"})
    queue.push(one(x));
  auto lost = queue.push(one("5"), most(overflow::drop_oldest, 3));
  CAF_CHECK_EQUAL(lost.dropped, 2u);
  CAF_CHECK_EQUAL(lost.conflated, 0u);
  CAF_CHECK_EQUAL(all_sent(), "3 4 5");
}

CAF_TEST(C60 drop_oldest drops by bytes too and keeps the newest) {
  queue.push(one("12345678"));
  queue.push(one("12345678"));
  auto big = std::string(100, 'x');
  CAF_CHECK_EQUAL(
    queue.push(one(big), most(overflow::drop_oldest, 9, 25)).dropped, 2u);
  CAF_CHECK_EQUAL(all_sent(), big);
}

CAF_TEST(C60 drop_newest leaves the queue as it is) {
  queue.push(block({"1", "2"}));
  auto limits = most(overflow::drop_newest, 3);
  CAF_CHECK_EQUAL(queue.push(block({"3", "4", "5"}), limits).dropped, 2u);
  CAF_CHECK_EQUAL(queue.push(one("6"), limits).dropped, 1u);
  CAF_CHECK_EQUAL(all_sent(), "1 2 3");
}

CAF_TEST(C60 drop_newest drops nothing for a control frame) {
  queue.push(block({"1", "2"}));
  auto limits = most(overflow::drop_newest, 2, 1);
  CAF_CHECK_EQUAL(queue.push({nullptr, wire_ping, 0}, limits).dropped, 0u);
  CAF_CHECK_EQUAL(all_sent(), "1 2 PING");
}

CAF_TEST(C60 a frame that is partly sent stays whole) {
  for (auto policy : {overflow::drop_oldest, overflow::conflate}) {
    wire.clear();
    queue.push(block({"first", "second", "third", "fourth"}));
    send(10); // into "second"
    auto lost = queue.push(block({"fifth", "sixth"}), most(policy, 2));
    CAF_CHECK_EQUAL(lost.dropped, 3u);
    CAF_CHECK_EQUAL(all_sent(), "first second sixth");
  }
}

CAF_TEST(C60 control frames are never dropped) {
  queue.push({nullptr, wire_ping, 0});
  queue.push(one("1"));
  queue.push({nullptr, wire_ping, 0});
  queue.push(one("2"));
  auto lost = queue.push(one("3"), most(overflow::drop_oldest, 1, 3));
  CAF_CHECK_EQUAL(lost.dropped, 2u);
  queue.push(one("4"), most(overflow::conflate, 1, 3));
  CAF_CHECK_EQUAL(all_sent(), "PING PING 4");
}

CAF_TEST(C60 control frames are added to a full queue) {
  for (auto policy :
       {overflow::drop_oldest, overflow::drop_newest, overflow::conflate}) {
    wire.clear();
    queue.push(one("1"));
    queue.push({nullptr, wire_ping, 0}, most(policy, 1, 3));
    CAF_CHECK_EQUAL(all_sent(), "1 PING");
  }
}

CAF_TEST(C60 conflate keeps the newest message of each event) {
  queue.push(one("m:x;1;1"));
  queue.push(block({"m:y;1;1", "raw", "m:x;1;2", "m:x"}));
  queue.push(one("raw"));
  auto lost = queue.push(block({"m:x;1;3", "m:z;1;1"}),
                         most(overflow::conflate, 7));
  CAF_CHECK_EQUAL(lost.conflated, 2u);
  CAF_CHECK_EQUAL(lost.dropped, 0u);
  CAF_CHECK_EQUAL(all_sent(), "m:y;1;1 raw m:x raw m:x;1;3 m:z;1;1");
}

CAF_TEST(C60 conflate knows the events of version 2 with their rooms) {
  auto version_2 = most(overflow::conflate, 20);
  version_2.event_prefix = {};
  for (auto x : {"e;x;1;1", "e#a;x;1;1", "e#a;y;1;1", "r;x;1", "a1;1;1"})
    queue.push(one(x));
  auto lost = queue.push(block({"e#a;x;1;2", "r;x;1", "e;x;1;2", "e;x"}),
                         version_2);
  CAF_CHECK_EQUAL(lost.conflated, 2u);
  CAF_CHECK_EQUAL(all_sent(),
                  "e#a;y;1;1 r;x;1 a1;1;1 e#a;x;1;2 r;x;1 e;x;1;2 e;x");
}

CAF_TEST(C60 conflate drops the oldest when that is not enough) {
  for (auto x : {"1", "m:a;0;1", "2", "m:a;0;2"})
    queue.push(one(x));
  auto lost = queue.push(one("3"), most(overflow::conflate, 3));
  CAF_CHECK_EQUAL(lost.conflated, 1u);
  CAF_CHECK_EQUAL(lost.dropped, 1u);
  CAF_CHECK_EQUAL(all_sent(), "2 m:a;0;2 3");
}

CAF_TEST(what waits can be forgotten) {
  queue.push(block({"first", "second", "third"}));
  queue.push(one("fourth"));
  send(9);
  queue.drop_waiting();
  CAF_CHECK_EQUAL(queue.messages(), 1u);
  CAF_CHECK_EQUAL(all_sent(), "first second");
}

CAF_TEST(a peer that reads nothing costs no more with each message) {
  queue.push(one("stuck"));
  send(3);
  auto limits = most(overflow::drop_oldest, 10);
  for (auto i = 0; i < 100000; ++i)
    queue.push(one(std::to_string(i)), limits);
  CAF_CHECK_LESS(queue.parts(), 200u);
  CAF_CHECK_EQUAL(queue.messages(), 10u);
}

// -- against a model ----------------------------------------------------------

namespace {

/// A straightforward implementation.
struct model {
  struct item {
    std::string payload; // empty for a ping
    size_t sent = 0;

    size_t size() const {
      return payload.size() + header_size(payload.size());
    }
  };

  std::vector<item> items;

  size_t bytes() const {
    size_t result = 0;
    for (const auto& x : items)
      result += x.size() - x.sent;
    return result;
  }

  size_t messages() const {
    return static_cast<size_t>(
      std::count_if(items.begin(), items.end(),
                    [](const item& x) { return !x.payload.empty(); }));
  }

  static bool may_go(const item& x) {
    return !x.payload.empty() && x.sent == 0;
  }

  bool has_room_for(const item& x, const queue_bounds& most) const {
    return items.empty()
           || (bytes() + x.size() <= most.bytes
               && messages() + 1 <= most.messages);
  }

  void send(size_t size) {
    while (size > 0) {
      auto& x = items.front();
      auto n = std::min(size, x.size() - x.sent);
      x.sent += n;
      size -= n;
      if (x.sent == x.size())
        items.erase(items.begin());
    }
  }

  losses push(const std::vector<std::string>& payloads,
              const queue_bounds& most) {
    losses lost;
    for (const auto& x : payloads)
      if (most.policy != overflow::drop_newest
          || (lost.dropped == 0 && has_room_for({x}, most)))
        items.push_back({x});
      else
        ++lost.dropped;
    if (most.policy == overflow::drop_newest)
      return lost;
    if (most.policy == overflow::conflate)
      conflate(lost);
    while (bytes() > most.bytes || messages() > most.messages) {
      if (std::count_if(items.begin(), items.end(), may_go) <= 1)
        break;
      items.erase(std::find_if(items.begin(), items.end(), may_go));
      ++lost.dropped;
    }
    return lost;
  }

  void conflate(losses& lost) {
    auto event = [](const std::string& x) {
      return x.substr(0, 2) == "m:" ? x.substr(0, x.find(';')) : "";
    };
    for (size_t i = 0; i < items.size();) {
      auto newer = [&](const item& x) {
        return event(x.payload) == event(items[i].payload);
      };
      auto next = items.begin() + static_cast<ptrdiff_t>(i + 1);
      if (may_go(items[i]) && !event(items[i].payload).empty()
          && std::any_of(next, items.end(), newer)) {
        items.erase(next - 1);
        ++lost.conflated;
      } else {
        ++i;
      }
    }
  }
};

struct play {
  explicit play(unsigned seed) : random{seed} {
  }

  size_t pick(size_t from, size_t to) {
    return std::uniform_int_distribution<size_t>{from, to}(random);
  }

  /// Returns a message with a unique payload, so that the order is visible.
  std::string message() {
    auto number = std::to_string(++counter);
    if (pick(0, 2) == 0)
      return number;
    auto result = "m:" + std::string(1, static_cast<char>('a' + pick(0, 3)))
                  + ";0;" + number;
    return pick(0, 5) == 0 ? result + std::string(pick(100, 200), '.') : result;
  }

  std::mt19937 random;
  int counter = 0;
};

} // namespace

CAF_TEST(C60 random schedules do what a plain model does) {
  for (unsigned seed = 1; seed <= 240; ++seed) {
    play chance{seed};
    auto policy = std::array{overflow::drop_oldest, overflow::drop_newest,
                             overflow::conflate}[seed % 3];
    auto limits = most(policy, chance.pick(1, 100), chance.pick(1, 3000));
    send_queue real;
    model plain;
    std::string got;
    std::vector<std::string> expected;
    for (auto step = 0; step < 400; ++step) {
      if (chance.pick(0, 9) == 0) {
        real.push({nullptr, wire_ping, 0});
        plain.items.push_back({});
      } else if (chance.pick(0, 3) > 0) {
        std::vector<std::string> payloads;
        for (auto n = chance.pick(1, chance.pick(1, 12)); n > 0; --n)
          payloads.push_back(chance.message());
        auto x = block(payloads);
        losses a;
        losses b;
        if (real.has_room_for(x, limits)) {
          real.push(x);
          for (const auto& p : payloads)
            plain.items.push_back({p});
        } else {
          a = real.push(x, limits);
          b = plain.push(payloads, limits);
        }
        if (a.dropped != b.dropped || a.conflated != b.conflated)
          CAF_FAIL("seed " << seed << ": other losses in step " << step);
      } else {
        auto size = chance.pick(0, std::min<size_t>(real.bytes(), 300));
        take(real, size, got);
        auto before = plain.items;
        plain.send(size);
        for (size_t i = 0; i + plain.items.size() < before.size(); ++i)
          expected.push_back(before[i].payload);
      }
      if (real.bytes() != plain.bytes() || real.messages() != plain.messages())
        CAF_FAIL("seed " << seed << ": other size in step " << step);
    }
    real.for_each_part([&](std::string_view x) {
      got += x;
      return true;
    });
    for (const auto& x : plain.items)
      expected.push_back(x.payload);
    std::replace(expected.begin(), expected.end(), std::string{},
                 std::string{"PING"});
    if (joined(payloads_in(got)) != joined(expected))
      CAF_FAIL("seed " << seed << ": other bytes");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
