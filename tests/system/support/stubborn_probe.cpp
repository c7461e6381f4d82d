/// A server whose actors and handlers do not end when they should. Clients say
/// by events which kind of trouble they want.

#include <troupe/troupe.hpp>

#include <caf/actor_cast.hpp>
#include <caf/blocking_actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/sec.hpp>
#include <caf/stateful_actor.hpp>

#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

using troupe::connection;

namespace {

struct options : troupe::runtime_config {
  options() {
    opt_group{custom_options_, "probe"}
      .add(worker, "worker", "no port, and an actor that keeps itself")
      .add(broken_hook, "broken-hook", "on_stop throws")
      .add(stuck_hook, "stuck-hook", "on_stop does not return")
      .add(stuck_setup, "stuck-setup", "the setup spawns a poller and throws");
  }

  bool worker = false;
  bool broken_hook = false;
  bool stuck_hook = false;
  bool stuck_setup = false;
};

[[noreturn]] void never_return() {
  for (;;)
    std::this_thread::sleep_for(std::chrono::hours{1});
}

/// Asks a device for news, say, and never whether it is time to go.
class poller : public caf::blocking_actor {
public:
  using caf::blocking_actor::blocking_actor;

  const char* name() const override {
    return "poller";
  }

  void act() override {
    never_return();
  }
};

struct keeper_state {
  static inline const char* name = "keeper";
  caf::actor itself;
};

/// Holds itself, and nobody ends it.
caf::behavior keep(caf::stateful_actor<keeper_state>* self) {
  self->state.itself = self;
  return {[](int) {}};
}

struct guest_state {
  static inline const char* name = "guest";
  caf::actor itself;
};

/// Holds itself, but ends with the app, by a link.
caf::behavior visit(caf::stateful_actor<guest_state>* self,
                    const caf::actor& lifeline) {
  self->state.itself = self;
  self->link_to(lifeline);
  self->set_exit_handler([self](const caf::exit_msg& msg) {
    std::cout << "a guest was told" << std::endl;
    self->quit(msg.reason);
  });
  return {[](int) {}};
}

/// Ends a runtime actor as an exception in one of its handlers does. On a
/// runtime with one thread only, where it does not run meanwhile.
void break_down(connection& c, const caf::actor& x) {
  auto& it = dynamic_cast<caf::event_based_actor&>(
    *caf::actor_cast<caf::abstract_actor*>(x));
  it.context(c.self().context());
  it.quit(caf::sec::runtime_error);
  it.on_exit();
  it.cleanup(caf::make_error(caf::sec::runtime_error), it.context());
}

void serve(connection& c, troupe::app& app) {
  auto& sys = app.system();
  c.on("poller", [&sys](connection& me) {
    sys.spawn<poller, caf::detached>();
    me.emit("done");
  });
  c.on("keeper", [&sys](connection& me, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      sys.spawn(keep);
    me.emit("done");
  });
  c.on("guest", [&app](connection& me) {
    app.system().spawn(visit, app.lifeline());
    me.emit("done");
  });
  c.on("attack", [&app](connection& me) { // One that is linked dies.
    auto victim = app.system().spawn(visit, app.lifeline());
    me.self().send_exit(victim, caf::exit_reason::kill);
    me.self().send_exit(app.lifeline(), caf::exit_reason::kill);
    me.emit("done");
  });
  c.on("block", [](connection&) {
    std::cout << "blocking" << std::endl;
    never_return();
  });
  c.on("thread", [](connection& me) {
    me.emit("thread", static_cast<int64_t>(::gettid()));
  });
  c.on("lose_registry",
       [](connection& me) { break_down(me, me.server().registry()); });
  c.on_disconnect([](connection&, const troupe::close_info&) {
    std::cout << "disconnected" << std::endl;
  });
}

void set_up(troupe::app& app, const options& cfg) {
  if (cfg.stuck_setup) {
    app.system().spawn<poller, caf::detached>();
    throw std::runtime_error("no such device");
  }
  if (cfg.worker) {
    app.without_port();
    app.system().spawn(keep);
  }
  app.on_stop([] { std::cout << "stopping" << std::endl; });
  if (cfg.broken_hook)
    app.on_stop([] { throw std::runtime_error("the hook is broken"); });
  app.on_stop([] { std::cout << "stopping, too" << std::endl; });
  if (cfg.stuck_hook)
    app.on_stop([] { never_return(); });
  app.endpoint("/probe").on_connection(
    [&app](connection& c) { serve(c, app); });
}

} // namespace

int main(int argc, char** argv) {
  options cfg;
  return troupe::run(argc, argv, cfg,
                     [&cfg](troupe::app& app) { set_up(app, cfg); });
}
