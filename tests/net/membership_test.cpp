#define CAF_SUITE net.membership

#include "actors/cluster/membership_actor.hpp" // the header under test

#include "caf/test/io_dsl.hpp"
#include "support/break_down.hpp"
#include "troupe/runtime.hpp"

#include <caf/io/middleman.hpp>

#include <algorithm>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;

namespace {

struct node_config : caf::actor_system_config {
  node_config() {
    load<caf::io::middleman>();
    troupe::add_message_types(*this);
  }
};

/// Dials through CAF's own middleman, which the fixture connects.
class plain_carrier final : public cluster_transport {
public:
  explicit plain_carrier(caf::actor_system& sys) : sys_(sys) {
  }

  caf::expected<uint16_t> listen(const std::string&, caf::actor) override {
    return uint16_t{0};
  }

  void dial(const std::string& address, caf::actor asks) override {
    auto meet = [address, asks](caf::event_based_actor* self) {
      auto mm = self->system().middleman().actor_handle();
      self
        ->request(mm, caf::infinite, caf::connect_atom_v, address, uint16_t{1})
        .then(
          [=](const caf::node_id&, const caf::strong_actor_ptr& x,
              const std::set<std::string>&) {
            self->send(asks, reached{address, caf::actor_cast<caf::actor>(x)});
          },
          [=](caf::error& err) {
            self->send(asks, not_reached{address, std::move(err)});
          });
    };
    sys_.spawn(meet);
  }

  void stop() override {
  }

private:
  caf::actor_system& sys_;
};

/// Two nodes that exchange bytes as they would over sockets.
struct fixture : point_to_point_fixture<test_coordinator_fixture<node_config>> {
  fixture() {
    prepare_connection(earth, mars, "earth", 1);
  }

  ~fixture() {
    for (auto* x : {&at_earth, &at_mars})
      test::break_down(*x);
    at_earth = nullptr;
    at_mars = nullptr;
    settle();
  }

  caf::actor make(planet_type& where, const std::string& name,
                  cluster_config cfg) {
    auto res = spawn_pinned<membership_actor>(where.sys, nullptr, cfg,
                                              node_identity{name, 1});
    caf::anon_send(
      res, begin_membership{name, std::make_shared<plain_carrier>(where.sys)});
    return res;
  }

  /// Runs everything that is due now but no time-outs, since these nodes always
  /// have another one.
  void settle() {
    auto advance = [](planet_type* x) {
      return x->sched.try_run_once() || x->mpx.read_data()
             || x->mpx.try_exec_runnable() || x->mpx.try_accept_connection();
    };
    std::vector<planet_type*> both{&earth, &mars};
    while (std::any_of(both.begin(), both.end(), advance))
      ; // again
  }

  template <class T, class Request>
  T ask(planet_type& where, const caf::actor& whom, Request what) {
    T res{};
    auto handle = where.self->request(whom, caf::infinite, std::move(what));
    settle();
    handle.receive([&](T& x) { res = std::move(x); },
                   [&](caf::error& err) { CAF_FAIL(troupe::what(err)); });
    return res;
  }

  caf::actor at_earth;
  caf::actor at_mars;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(membership_tests, fixture)

CAF_TEST(two nodes find each other and their actors over BASP) {
  at_earth = make(earth, "earth", {});
  earth.publish(at_earth, 1);
  auto ear = earth.sys.spawn(
    []() -> caf::behavior { return {[](const std::string&) {}}; });
  caf::anon_send(at_earth, register_actor{"ear", ear});
  settle();
  cluster_config cfg;
  cfg.join = {"earth"};
  at_mars = make(mars, "mars", cfg);
  settle();
  using list = std::vector<node_info>;
  auto by_earth = ask<list>(earth, at_earth, nodes{});
  auto by_mars = ask<list>(mars, at_mars, nodes{});
  CAF_REQUIRE_EQUAL(by_earth.size(), 1u);
  CAF_REQUIRE_EQUAL(by_mars.size(), 1u);
  CAF_CHECK_EQUAL(by_earth[0].name, "mars");
  CAF_CHECK_EQUAL(by_mars[0].name, "earth");
  CAF_CHECK(by_earth[0].state == link_state::up);
  CAF_CHECK(by_mars[0].state == link_state::up);
  auto found = ask<caf::actor>(mars, at_mars, find_actor{"ear"});
  CAF_CHECK(found.node() == earth.sys.node());
  caf::anon_send_exit(ear, caf::exit_reason::kill);
}

CAF_TEST_FIXTURE_SCOPE_END()
