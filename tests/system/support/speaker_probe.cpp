/// A client that plays the dialogues of tests/data/dialogues.json with a
/// server. Prints the name of each that was as written, or the step that was
/// not.

#include <troupe/troupe.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using nlohmann::json;
using troupe::client_room;
using troupe::refusal;
using troupe::reply;
using troupe::ws_client;

namespace {

/// What callbacks have seen, for the thread that plays.
class inbox {
public:
  void put(json x) {
    std::lock_guard guard{mutex_};
    items_.push_back(std::move(x));
    filled_.notify_one();
  }

  json take() {
    std::unique_lock guard{mutex_};
    if (!filled_.wait_for(guard, 30s, [this] { return !items_.empty(); }))
      throw std::runtime_error("nothing came in time");
    auto result = std::move(items_.front());
    items_.pop_front();
    return result;
  }

private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<json> items_;
};

std::vector<std::byte> bytes_of(const std::string& hex) {
  std::vector<std::byte> result;
  for (size_t i = 0; i < hex.size(); i += 2)
    result.push_back(std::byte(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return result;
}

template <class T>
std::string hex_of(const T& bytes) {
  constexpr auto digits = "0123456789abcdef";
  std::string result;
  for (auto x : bytes) {
    result += digits[static_cast<uint8_t>(x) / 16];
    result += digits[static_cast<uint8_t>(x) % 16];
  }
  return result;
}

/// Calls `f` with the value that a step sends, in the type that it has on the
/// wire.
template <class F>
void with_value(const json& step, F f) {
  if (step.contains("hex"))
    return f(bytes_of(step["hex"]));
  auto x = step.value("value", json(""));
  if (step.contains("room_value") && step.contains("value"))
    x.insert(x.begin(), step["room_value"]);
  else if (step.contains("room_value"))
    x = step["room_value"];
  if (step.contains("word"))
    x = step["word"];
  if (x.is_string())
    f(x.get<std::string>());
  else if (x.is_number_integer())
    f(x.get<int64_t>());
  else if (x.is_boolean())
    f(x.get<bool>());
  else
    f(x);
}

json to_json(const refusal& x) {
  auto after
    = std::chrono::duration_cast<std::chrono::milliseconds>(x.retry_after);
  return {{"error", x.code}, {"message", x.message}, {"after", after.count()}};
}

json to_json(const reply<json>& x) {
  if (!x)
    return to_json(x.why());
  if (x->is_binary())
    return {{"hex_answer", hex_of(x->get_binary())}};
  return {{"answer", *x}};
}

/// Throws unless `got` has what the step expects.
void check(const json& step, const json& got) {
  for (auto name : {"answer", "hex_answer", "error", "message", "after"})
    if (step.contains(name) && got.value(name, json("nothing")) != step[name])
      throw std::runtime_error(got.dump());
}

class speaker {
public:
  explicit speaker(const json& all) : all_(all) {
  }

  /// Adds the callbacks that the dialogues need.
  void set_up(ws_client& c) {
    for (const auto& dialogue : all_)
      for (const auto& step : dialogue) {
        if (step.contains("asked"))
          listen(c, step["asked"]["event"]);
        for (const auto& x : step.value("hears", json::array()))
          listen(c, x);
        if (step["do"] == "join")
          room(c, step["room"]);
      }
    c.on_message([this](const troupe::frame& x) {
      heard_.put(x.is_binary() ? json{{"raw_hex", hex_of(x.payload())}}
                               : json{{"raw", x.payload()}});
    });
    c.on_error([this](ws_client&, const caf::error& err) {
      errors_.put(troupe::what(err));
    });
  }

  void play(ws_client c, const json& steps) {
    for (const auto& step : steps)
      try {
        take(c, step);
        for (const auto& x : step.value("hears", json::array()))
          if (auto got = heard_.take(); got != x)
            throw std::runtime_error(got.dump());
      } catch (const std::exception& e) {
        throw std::runtime_error(step.dump() + ": " + e.what());
      }
  }

private:
  using inbox_ptr = std::shared_ptr<inbox>;

  void listen(ws_client& c, const json& what) {
    if (what.is_string())
      return listen_to(c, what, "");
    auto name = what.value("room", "");
    if (!name.empty())
      room(c, name);
    if (what.contains("event"))
      listen_to(c, what["event"], name);
  }

  void listen_to(ws_client& c, const std::string& event,
                 const std::string& in) {
    if (!listens_.emplace(std::pair{event, in}, true).second)
      return;
    if (!in.empty())
      return room(c, in).on(event, [this, event, in](const json& x) {
        heard_.put({{"event", event}, {"room", in}, {"value", x}});
      });
    c.on(event, [this, event](const json& x, troupe::responder<json> who) {
      answer_or_hear(event, x, who);
    });
  }

  /// Notes an event, and answers a request as it is written.
  void answer_or_hear(const std::string& event, const json& x,
                      const troupe::responder<json>& who) {
    if (who.is_gone()) // An event.
      return heard_.put({{"event", event}, {"value", x}});
    std::unique_lock guard{mutex_};
    auto asked = std::exchange(asked_, {});
    guard.unlock();
    if (asked.is_null() || asked["event"] != event)
      who.refuse(troupe::refuse("no_handler"));
    else if (asked["value"] != x)
      who.refuse(troupe::refuse("unexpected"));
    else if (asked.contains("error"))
      who.refuse(troupe::refuse(asked["error"].get<std::string>()));
    else
      who.answer(asked["answer"]);
  }

  client_room& room(ws_client& c, const std::string& name) {
    auto [i, is_new] = rooms_.try_emplace(name, c, name);
    if (is_new) {
      i->second.on_joined(
        [this](const json& x) { joins_.put(to_json(reply<json>{x})); });
      i->second.on_refused(
        [this](ws_client&, const refusal& x) { joins_.put(to_json(x)); });
      i->second.on_change([this, name](ws_client&, const std::string& why) {
        heard_.put({{"change", why}, {"room", name}});
      });
    }
    return i->second;
  }

  void take(ws_client& c, const json& step) {
    const auto& what = step["do"];
    if (what == "request")
      ask(c, step);
    else if (what == "rooms")
      check_rooms(c, step["rooms"]);
    else if (what == "event")
      with_value(step, [&](const auto& x) { emit(c, step["event"], x); });
    else if (what == "raw")
      send_raw(c, step);
    else if (what == "leave")
      room(c, step["room"]).leave();
    else if (what == "publish")
      publish(c, step);
    else if (what == "join") {
      with_value(step, [&](const auto& x) { room(c, step["room"]).join(x); });
      check(step, joins_.take());
    } // Clients send probes and further hellos by themselves.
  }

  void ask(ws_client& c, const json& step) {
    {
      std::lock_guard guard{mutex_};
      asked_ = step.value("asked", json{});
    }
    auto outcome = std::make_shared<inbox>();
    auto note = [outcome](const reply<json>& x) { outcome->put(to_json(x)); };
    auto event = step["event"].get<std::string>();
    with_value(step, [&](const auto& x) {
      if (step.contains("room"))
        room(c, step["room"]).template request<json>(event, x, note);
      else
        c.request<json>(event, x, note);
    });
    if (step.contains("later"))
      return held_.emplace_back(step, outcome), void();
    check(step, outcome->take());
    if (step.contains("settles"))
      for (const auto& [held, what] : held_)
        check(held, what->take());
  }

  static void check_rooms(ws_client& c, const json& expected) {
    auto outcome = std::make_shared<inbox>();
    c.request<std::vector<std::string>>(
      "rooms", "", [outcome](const reply<std::vector<std::string>>& x) {
        auto names = x ? *x : std::vector<std::string>{x.why().code};
        std::ranges::sort(names);
        outcome->put(names);
      });
    auto names = expected.get<std::vector<std::string>>();
    std::ranges::sort(names);
    if (auto got = outcome->take(); got != json(names))
      throw std::runtime_error(got.dump());
  }

  template <class To, class T>
  static void emit(To& to, const std::string& event, const T& x) {
    if (auto err = to.emit(event, x))
      throw std::runtime_error(troupe::what(err));
  }

  static void send_raw(ws_client& c, const json& step) {
    if (step.contains("hex")) {
      auto bytes = bytes_of(step["hex"]);
      c.send_binary(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    } else if (auto err = c.send_text(step["value"].get<std::string>())) {
      throw std::runtime_error(troupe::what(err));
    }
  }

  void publish(ws_client& c, const json& step) {
    auto& to = room(c, step["room"]);
    with_value(step, [&](const auto& x) { emit(to, step["event"], x); });
    if (!step.contains("error"))
      return;
    auto got = errors_.take().get<std::string>();
    if (got.find(step["error"].get<std::string>()) == got.npos)
      throw std::runtime_error(got);
  }

  const json& all_;
  std::map<std::pair<std::string, std::string>, bool> listens_;
  std::map<std::string, client_room> rooms_;
  inbox heard_;
  inbox joins_;
  inbox errors_;
  std::vector<std::pair<json, inbox_ptr>> held_;
  std::mutex mutex_;
  json asked_; ///< The request that the server is expected to send.
};

struct settings : troupe::runtime_config {
  settings() {
    opt_group{custom_options_, "speaker"}
      .add(url, "url", "URL of the server")
      .add(file, "file", "the dialogues");
  }

  std::string url;
  std::string file;
};

/// Plays each dialogue on a connection of its own.
void play_all(troupe::app& app, const settings& cfg, const json& all) {
  for (const auto& [name, steps] : all.items()) {
    speaker who{all};
    auto client = ws_client::connect(
      app.system(), {.url = cfg.url, .protocol = 2, .owner = app.lifeline()},
      [&](ws_client& c) { who.set_up(c); });
    if (!client)
      throw std::runtime_error(troupe::what(client.error()));
    std::exception_ptr failure;
    try {
      who.play(*client, steps);
    } catch (...) {
      failure = std::current_exception();
    }
    client->close(); // Its callbacks use `who`.
    caf::scoped_actor self{app.system()};
    self->wait_for(client->handle());
    if (failure)
      std::rethrow_exception(failure);
    std::cout << "the " << name << " dialogue is as written" << std::endl;
  }
}

} // namespace

int main(int argc, char** argv) {
  settings cfg;
  json all;
  std::jthread player;
  return troupe::run(argc, argv, cfg, [&](troupe::app& app) {
    app.without_port();
    all = json::parse(std::ifstream{cfg.file});
    player = std::jthread{[&] {
      try {
        play_all(app, cfg, all);
      } catch (const std::exception& e) {
        std::cout << e.what() << std::endl;
      }
    }};
  });
}
