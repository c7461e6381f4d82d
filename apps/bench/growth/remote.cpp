/// Subjects about other nodes.

#include "far_node.hpp"
#include "meter.hpp"
#include "subjects.hpp"
#include "world.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace troupe::growth {

namespace {

/// Starts another node and waits until the two are connected.
std::unique_ptr<far_node> meet(world& w) {
  auto result = std::make_unique<far_node>(w.port());
  w.counts().await(event::node_up, 1);
  return result;
}

void send_to_nobody(world& w, size_t n) {
  for (size_t i = 0; i < n; ++i)
    caf::anon_send(w.registry(),
                   msg::publish{.to = recipient::connection("nobody"),
                                .message = frame::text("hello")});
}

/// Subscribes an actor here to the connections of other nodes.
void subscribe_everywhere(world& w) {
  caf::anon_send(w.registry(), msg::subscribe{w.actors().spawn(), true});
}

void let_connect(world& w, far_node& other, size_t n) {
  other.order("connect", n);
  w.counts().await(event::connection_up, n);
}

} // namespace

void remote_connections(size_t n) {
  world w{1, world::listening()};
  auto other = meet(w);
  subscribe_everywhere(w);
  measure("remote-connections-come", n, [&] { let_connect(w, *other, n); });
  measure("remote-connections-go", n, [&] {
    other->order("hang-up", n);
    w.counts().await(event::connection_down, n);
  });
}

void unknown_ids(size_t n) {
  constexpr size_t messages = 200;
  world w{1, world::listening()};
  auto other = meet(w);
  subscribe_everywhere(w);
  let_connect(w, *other, n);
  measure("unknown-ids", messages, [&] {
    send_to_nobody(w, messages);
    w.sync();
  });
}

void remote_rooms(size_t n) {
  world w{1, world::listening()};
  auto other = meet(w);
  measure("remote-rooms-come", n, [&] {
    other->order("join", n);
    w.counts().await(event::room_up, n);
  });
  measure("remote-rooms-go", n, [&] {
    other->kill();
    w.counts().await(event::room_down, n);
  });
}

namespace {

/// Sends requests to the registry until `is_over`.
/// @returns the maximum CPU time until a response, in milliseconds.
template <class F>
double longest_wait(world& w, F is_over) {
  caf::scoped_actor self{w.system()};
  double result = 0;
  auto ask = [&] {
    self->request(w.registry(), caf::infinite, msg::total_connections{})
      .receive([](uint64_t) {}, [](const caf::error&) {});
  };
  while (!is_over())
    result = std::max(result, time_of(ask).cpu * 1000);
  return result;
}

} // namespace

void remote_rooms_wait(size_t n) {
  world w{2, world::listening()}; // The registry runs on the control thread.
  auto other = meet(w);
  other->order("join", n);
  w.counts().await(event::room_up, n);
  settle();
  other->kill();
  print("remote-rooms-go-wait",
        longest_wait(w, [&] { return w.counts().of(event::room_down) == n; }));
}

void remote_senders(size_t n) {
  world w{1, world::listening()};
  auto other = meet(w);
  auto who = w.actors().spawn();
  for (size_t i = 0; i < n; ++i)
    caf::anon_send(w.registry(), msg::join{name_of(i), who});
  w.counts().await(event::joined, n);
  measure("remote-senders", n, [&] {
    other->order("speak", n);
    w.counts().await(event::delivered, n);
  });
}

} // namespace troupe::growth
