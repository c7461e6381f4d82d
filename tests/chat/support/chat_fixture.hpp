#pragma once

#include "chat/behaviors.hpp"
#include "chat/directory.hpp"
#include "chat/protocol.hpp"
#include "support/cluster_stage.hpp"
#include "support/fixture.hpp"

#include <troupe/cluster.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace troupe::test {

using nlohmann::json;

/// The chat on three nodes, as far as it has no sockets.
struct chat_fixture : test_coordinator_fixture<test_config> {
  chat_fixture() : cluster(sys, 3, {}, [](connection&) {}) {
    for (size_t i = 0; i < cluster.size(); ++i) {
      directories.push_back(
        chat::spawn_directory(sys, cluster[i].registry(), cluster.name(i)));
      cluster[i].core->add([directory = directories[i]](connection& c) {
        auto me = std::make_shared<chat::guest>();
        me->directory = directory;
        chat::nickname(c, me);
        chat::rooms(c, me);
        chat::talk(c, me);
        chat::whispers(c, me);
      });
    }
    run();
  }

  ~chat_fixture() {
    cluster.stop();
    run();
    advance_time(std::chrono::seconds{40});
    run();
  }

  /// Not what is due later: there is always a next beat.
  void run() {
    sched.run();
  }

  /// Lets all directories know of each other.
  void meet() {
    for (size_t i = 0; i < cluster.size(); ++i)
      for (size_t j = 0; j < cluster.size(); ++j)
        if (i != j)
          know(i, j);
    settle();
  }

  void know(size_t i, size_t j) {
    anon_send(directories[i], node_up{cluster.name(j), ""});
  }

  void lose(size_t i, size_t j) {
    anon_send(directories[i], node_down{cluster.name(j), "", "lost"});
  }

  /// Some beats.
  void settle() {
    for (int i = 0; i < 4; ++i) {
      run();
      advance_time(std::chrono::milliseconds{600});
    }
    run();
  }

  struct guest {
    fake_client client;
    std::vector<json> heard; ///< `[event, data]` each.
  };

  void say(guest& who, const std::string& event, const json& data) {
    who.client.say("m:" + event
                   + (data.is_string() ? ";0;" + data.get<std::string>()
                                       : ";4;" + data.dump()));
    run();
  }

  guest connect(size_t node, const std::string& id, const std::string& nick,
                const std::string& key = "") {
    guest res{cluster[node].connect(id), {}};
    run();
    say(res, "nick", {{"nick", nick}, {"key", key}});
    return res;
  }

  guest enter(size_t node, const std::string& id, const std::string& nick,
              const std::string& room = "lobby") {
    auto res = connect(node, id, nick);
    say(res, "join", room);
    return res;
  }

  /// What came by this name, and forgets it and all before.
  std::vector<json> take(guest& who, const std::string& event) {
    for (const auto& x : who.client.heard())
      if (auto y = decode(x, chat::event_prefix))
        who.heard.push_back({y->name, y->body});
    std::vector<json> res;
    for (const auto& x : std::exchange(who.heard, {}))
      if (x[0] == event)
        res.push_back(x[1]);
    return res;
  }

  json last(guest& who, const std::string& event) {
    auto all = take(who, event);
    if (all.empty())
      CAF_FAIL("no " << event);
    return all.back();
  }

  std::string field(guest& who, const std::string& event,
                    const std::string& name) {
    return last(who, event)[name].get<std::string>();
  }

  std::set<std::string> people(guest& who) {
    std::set<std::string> res;
    json here = last(who, "room")["here"];
    for (const auto& x : here)
      res.insert(x["nick"].get<std::string>());
    return res;
  }

  std::vector<std::string> history(guest& who) {
    std::vector<std::string> res;
    json messages = last(who, "room")["messages"];
    for (const auto& x : messages)
      res.push_back(x["text"].get<std::string>());
    return res;
  }

  /// How many the last list of rooms says are in `room`; -1 if it has none.
  int count(guest& who, const std::string& room) {
    json list = last(who, "rooms");
    for (const auto& x : list)
      if (x["name"] == room)
        return x["here"].get<int>();
    return -1;
  }

  void talk(guest& who, const std::string& room, const std::string& text) {
    say(who, "say",
        {{"room", room},
         {"text", text},
         {"id", "message-" + std::to_string(++said)}});
  }

  bool has_room(size_t node, const std::string& name) {
    bool res = false;
    self->send(cluster[node].registry(), msg::rooms{});
    run();
    self->receive([&](const std::vector<room_info>& xs) {
      for (const auto& x : xs)
        res |= x.name == name;
    });
    return res;
  }

  /// Until rooms are closed that nobody needs.
  void wait_for_sweep() {
    for (int i = 0; i < 3; ++i) {
      advance_time(std::chrono::seconds{31});
      settle();
    }
  }

  cluster_stage cluster;
  std::vector<caf::actor> directories;
  int said = 0;
};

} // namespace troupe::test
