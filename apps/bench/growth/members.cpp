/// Subjects about one member of many rooms.

#include "meter.hpp"
#include "subjects.hpp"
#include "world.hpp"

#include <caf/send.hpp>

namespace troupe::growth {

namespace {

std::vector<std::string> events(const std::string& name, size_t n) {
  std::vector<std::string> result;
  for (size_t i = 0; i < n; ++i)
    result.push_back("m:" + name + ";0;" + name_of(i));
  return result;
}

/// A client whose connection joins and leaves rooms.
class visitor {
public:
  visitor(world& w, size_t n) : w_(w), n_(n), client_(w.connect()) {
  }

  void join() {
    w_.counts().reset();
    client_->say(events("join", n_));
    w_.counts().await(event::room_up, n_);
  }

  void leave() {
    client_->say(events("leave", n_));
    w_.counts().await(event::room_down, n_);
  }

  void leave_all(const std::string& id) {
    w_.server().leave_all(id);
    w_.counts().await(event::room_down, n_);
  }

  void hang_up() {
    client_->hang_up();
    w_.counts().await(event::room_down, n_);
  }

private:
  world& w_;
  size_t n_;
  std::shared_ptr<client> client_;
};

/// Returns the id of the only connection.
std::string only_id(world& w) {
  return w.server().connections().get()->front().id;
}

} // namespace

void connection_leaves(size_t n) {
  world w;
  visitor x{w, n};
  measure("connection-joins", n, [&] { x.join(); });
  measure("connection-leaves", n, [&] { x.leave(); });
}

void connection_leaves_all(size_t n) {
  world w;
  visitor x{w, n};
  x.join();
  auto id = only_id(w);
  measure("connection-leaves-all", n, [&] { x.leave_all(id); });
}

void connection_ends(size_t n) {
  world w;
  visitor x{w, n};
  x.join();
  measure("connection-ends", n, [&] { x.hang_up(); });
}

void actor_member(size_t n) {
  world w;
  auto who = w.actors().spawn();
  measure("actor-joins", n, [&] {
    for (size_t i = 0; i < n; ++i)
      caf::anon_send(w.registry(), msg::join{name_of(i), who});
    w.counts().await(event::joined, n);
  });
  measure("actor-dies", n, [&] {
    caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
    w.counts().await(event::room_down, n);
  });
}

} // namespace troupe::growth
