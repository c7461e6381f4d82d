/// Subjects measured by the clock on several threads, as a user would notice.

#include "meter.hpp"
#include "subjects.hpp"
#include "world.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace troupe::growth {

namespace {

constexpr size_t threads = 2;

/// Returns the 99th percentile.
double p99(std::vector<double> xs) {
  std::sort(xs.begin(), xs.end());
  return xs.empty() ? 0 : xs[xs.size() * 99 / 100];
}

std::vector<std::string> comings_and_goings(size_t n) {
  std::vector<std::string> result;
  for (const auto* what : {"join", "leave"})
    for (size_t i = 0; i < n; ++i)
      result.push_back(std::string{"m:"} + what + ";0;" + name_of(i));
  return result;
}

/// Makes a client send messages and wait for the responses until `is_over`.
/// @returns the response times in milliseconds as if a message had been due
///          each millisecond: a long wait also counts for all messages that
///          would have been due in the meantime.
template <class F>
std::vector<double> watch(client& bystander, F is_over) {
  std::vector<double> result;
  for (uint64_t count = 1; !is_over(); ++count) {
    auto answer = [&] {
      bystander.say({"hello"});
      bystander.await(count);
    };
    for (auto wait = time_of(answer).wall * 1000; wait > 0; wait -= 1)
      result.push_back(wait);
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return result;
}

} // namespace

void time_member(size_t n) {
  world w{threads};
  // The last one is on the thread of the first.
  auto xs = w.connect(threads + 1);
  std::vector<double> waits;
  auto all = time_of([&] {
    xs.front()->say(comings_and_goings(n));
    waits = watch(*xs.back(),
                  [&] { return w.counts().of(event::room_down) == n; });
    settle();
  });
  print("member-cpu-s", all.cpu);
  print("bystander-p99-ms", p99(waits));
  print("bystander-most-ms", *std::max_element(waits.begin(), waits.end()));
}

namespace {

/// A room whose members are connections.
class hall {
public:
  hall(world& w, size_t members) : visitor_(w.connect()) {
    clients_ = w.connect(members);
    for (const auto& x : clients_)
      x->say({"m:join;0;hall"});
    settle();
  }

  /// A client publishes `messages` messages; before each, it joins and leaves
  /// the room `visits` times.
  void talk(size_t messages, size_t visits) {
    std::vector<std::string> said;
    for (size_t i = 0; i < visits; ++i) {
      said.push_back("m:join;0;hall");
      said.push_back("m:leave;0;hall");
    }
    said.push_back("m:say;0;hall");
    for (size_t i = 0; i < messages; ++i)
      visitor_->say(said);
    await(messages);
  }

private:
  void await(size_t messages) {
    heard_ += messages;
    for (const auto& x : clients_)
      x->await(heard_);
  }

  std::shared_ptr<client> visitor_;
  std::vector<std::shared_ptr<client>> clients_;
  size_t heard_ = 0;
};

} // namespace

/// Uses many visits per message, since one message takes as long as thousands
/// of visits.
void time_big_room(size_t n) {
  constexpr size_t messages = 20;
  constexpr size_t visits = 1000;
  constexpr auto per_step = 1e6 / (2 * messages * visits);
  world w{threads};
  hall x{w, n};
  auto talk = time_of([&] { x.talk(messages, 0); });
  auto all = time_of([&] { x.talk(messages, visits); });
  print("talk-cpu-s", talk.cpu);
  print("join-or-leave-cpu-us", (all.cpu - talk.cpu) * per_step);
  print("join-or-leave-wall-us", (all.wall - talk.wall) * per_step);
}

namespace {

/// Keeps a thread busy with messages of 10 us each.
caf::behavior keep_busy(caf::event_based_actor* self) {
  self->send(self, caf::tick_atom_v);
  return {
    [=](caf::tick_atom) {
      auto end = std::chrono::steady_clock::now()
                 + std::chrono::microseconds{10};
      while (std::chrono::steady_clock::now() < end)
        continue;
      self->send(self, caf::tick_atom_v);
    },
  };
}

/// Publishes to each of `n` rooms when it receives `ok_atom`.
caf::behavior speak_everywhere(caf::event_based_actor* self,
                               const caf::actor& registry, size_t n) {
  return {
    [=](caf::ok_atom) {
      for (size_t i = 0; i < n; ++i)
        self->send(registry, msg::publish{.to = recipient::room(name_of(i)),
                                          .message = frame::text("hello")});
    },
  };
}

} // namespace

void time_server_emitter(size_t n) {
  world w{threads};
  auto listener = w.actors().spawn();
  for (size_t i = 0; i < n; ++i)
    caf::anon_send(w.registry(), msg::join{name_of(i), listener});
  w.counts().await(event::joined, n);
  auto bot = w.system().spawn(speak_everywhere, w.registry(), n);
  std::vector<caf::actor> busy;
  for (size_t i = 0; i < threads; ++i)
    busy.push_back(w.system().spawn(keep_busy));
  auto by_bot = time_of([&] {
    caf::anon_send(bot, caf::ok_atom_v);
    w.counts().await(event::delivered, n);
  });
  auto by_server = time_of([&] {
    for (size_t i = 0; i < n; ++i)
      w.server().to_room(name_of(i)).emit_message("hello");
    w.counts().await(event::delivered, 2 * n);
  });
  busy.push_back(bot);
  crew::end(busy);
  print("bot-s", by_bot.wall);
  print("server-emitter-s", by_server.wall);
  print("server-emitter-to-bot", by_server.wall / by_bot.wall);
}

} // namespace troupe::growth
