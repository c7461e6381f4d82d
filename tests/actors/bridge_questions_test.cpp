#define CAF_SUITE actors.bridge_questions

#include "support/cluster_fixture.hpp"
#include "troupe/server.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;
using test::strings;

/// Questions to all nodes, and to the node of one connection.

namespace {

using namespace std::chrono_literals;

struct fixture : test::cluster_fixture {
  template <class T, class Request>
  partial<T> ask_all(size_t node, Request what) {
    return ask<partial<T>>(cluster[node].registry(),
                           msg::survey{caf::make_message(std::move(what))});
  }

  template <class T, class Request>
  T ask_by_id(size_t node, const std::string& id, Request what) {
    failure = caf::error{};
    return ask<T>(cluster[node].registry(),
                  msg::forward{id, caf::make_message(std::move(what))});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(bridge_questions_tests, fixture)

CAF_TEST(C23 questions are answered by all nodes together) {
  member(0, "alice", "lobby");
  member(1, "bob", "lobby");
  member(2, "carol", "attic");
  CAF_CHECK_EQUAL(ask_all<uint64_t>(0, msg::total_connections{}).value, 3u);
  CAF_CHECK_EQUAL(
    ask_all<std::vector<connection_info>>(0, msg::connections{}).value.size(),
    3u);
  auto in_lobby = ask_all<std::vector<connection_info>>(
    2, msg::connections_by_room{"lobby"});
  strings ids;
  for (const auto& x : in_lobby.value)
    ids.push_back(x.id);
  std::sort(ids.begin(), ids.end());
  CAF_CHECK_EQUAL(ids, (strings{"alice", "bob"}));
  CAF_CHECK(in_lobby.silent.empty());
  CAF_CHECK(ask_all<bool>(0, msg::is_connected{"carol"}).value);
  CAF_CHECK(!ask_all<bool>(0, msg::is_connected{"dave"}).value);
  auto is_in = [&](const std::string& id, const std::string& room) {
    auto res = ask_all<bool>(
      0, msg::forward{id, caf::make_message(msg::is_joined{room})});
    CAF_CHECK(res.silent.empty());
    return res.value;
  };
  CAF_CHECK(is_in("carol", "attic"));
  CAF_CHECK(!is_in("carol", "lobby"));
  CAF_CHECK(!is_in("dave", "lobby"));
}

CAF_TEST(C23 alone a node answers by itself) {
  auto alice = server.connect("alice");
  run();
  auto res = ask<partial<uint64_t>>(
    server.registry(),
    msg::survey{caf::make_message(msg::total_connections{})});
  CAF_CHECK_EQUAL(res.value, 1u);
  CAF_CHECK(res.silent.empty());
}

CAF_TEST(C23 a node that says nothing is named) {
  connect(0, "alice");
  connect(1, "bob");
  // The counterpart has ended, which this bridge does not know yet.
  lose(cluster.bridges()[0].there);
  auto handle
    = self->request(cluster[0].registry(), caf::infinite,
                    msg::survey{caf::make_message(msg::total_connections{})});
  run();
  wait(3s);
  handle.receive(
    [](const partial<uint64_t>& x) {
      CAF_CHECK_EQUAL(x.value, 1u);
      CAF_CHECK_EQUAL(x.silent, strings{test::cluster_stage::name(1)});
    },
    [](const caf::error& err) { CAF_FAIL(what(err)); });
}

CAF_TEST(another question is no question to all) {
  ask<partial<uint64_t>>(cluster[0].registry(),
                         msg::survey{caf::make_message(msg::lookup{"x"})});
  CAF_CHECK(failure);
}

CAF_TEST(C29 a connection on another node is ended by its id) {
  auto bob = connect(1, "bob");
  auto far = connect(2, id_on(2));
  self->send(cluster[0].registry(),
             msg::forward{"bob", caf::make_message(msg::disconnect{
                                   close_code::policy_violation, "out"})});
  run();
  CAF_CHECK(bob.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(bob.socket->reason(), "out");
  self->send(cluster[0].registry(),
             msg::forward{id_on(2), caf::make_message(msg::disconnect{})});
  run();
  CAF_CHECK(far.socket->closed());
  CAF_CHECK(self->mailbox().empty());
}

CAF_TEST(C26 and joined and asked) {
  auto bob = connect(1, "bob");
  auto answer = self->request(
    cluster[0].registry(), caf::infinite,
    msg::forward{"bob", caf::make_message(msg::join{"lobby", nullptr})});
  run();
  answer.receive([] {}, [](const caf::error& err) { CAF_FAIL(what(err)); });
  CAF_CHECK(ask_by_id<bool>(0, "bob", msg::is_joined{"lobby"}));
  CAF_CHECK(ask_by_id<bool>(0, "bob", msg::leave{"lobby", nullptr}));
  CAF_CHECK(!ask_by_id<bool>(0, "bob", msg::leave{"lobby", nullptr}));
  CAF_CHECK(!ask_by_id<bool>(0, "nobody", msg::is_joined{"lobby"}));
  CAF_CHECK(!failure);
  ask_by_id<bool>(0, "nobody", msg::join{"lobby", nullptr});
  CAF_CHECK(failure == errc::no_such_name);
  // An error of the connection itself is passed on.
  ask_by_id<bool>(0, "bob", msg::join{"", nullptr});
  CAF_CHECK(failure == errc::reserved_name);
}

CAF_TEST_FIXTURE_SCOPE_END()
