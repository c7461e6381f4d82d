/// A server for dialogues of version 2 of the protocol: it answers requests in
/// every way, asks its clients, and opens rooms to them.

#include <troupe/troupe.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

using nlohmann::json;
using troupe::connection;
using troupe::refuse;
using troupe::reply;
using troupe::responder;

namespace {

/// How often requests have been handled, by a word in them.
class tally {
public:
  int add(const std::string& word) {
    std::lock_guard guard{mutex_};
    return ++counts_[word];
  }

  int of(const std::string& word) {
    std::lock_guard guard{mutex_};
    auto i = counts_.find(word);
    return i == counts_.end() ? 0 : i->second;
  }

private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

/// What a client has answered, as JSON that another client can compare.
json outcome_of(const reply<json>& x) {
  return x ? json{{"answer", *x}} : json{{"error", x.why().code}};
}

void answer_requests(connection& c, const std::shared_ptr<tally>& handled) {
  for (auto name : {"echo", "__proto__", "constructor", "two words", "100%",
                    "\xf0\x9f\x8e\xad"})
    c.on(name, [](const json& x) { return x; });
  c.on("text", [](const std::string& x) { return x; });
  c.on("bytes", [](std::vector<std::byte> x) { return x; });
  c.on("nothing", [] {});
  c.on("refuse",
       [](const std::string& code) { return refuse(code, "as you like"); });
  c.on("wait", [](const std::string& code) {
    return refuse(code, "later", std::chrono::milliseconds{250});
  });
  c.on("fail", [] { throw std::runtime_error("it was asked to fail"); });
  c.on("forget", [](responder<json>) {});
  c.on("count", [handled](const std::string& x) { return handled->add(x); });
  c.on("counted", [handled](const std::string& x) { return handled->of(x); });
  // Is answered by "release", or never.
  c.on("hold", [](connection& me, responder<json> who) {
    me.set_value("held", std::move(who));
  });
  c.on("release", [](connection& me, const json& x) {
    if (auto who = me.value<responder<json>>("held"))
      who->answer(x);
  });
}

void send_to_the_client(connection& c) {
  c.on_message([](connection& me, const troupe::frame& x) { me.send(x); });
  // Asks [event, value], and answers with the outcome.
  c.on("ask", [](connection& me, const json& x, responder<json> who) {
    me.request(x.at(0).get<std::string>(), x.at(1),
               [who](const reply<json>& y) { who.answer(outcome_of(y)); });
  });
  // Emits [event, value].
  c.on("emit", [](connection& me, const json& x) {
    std::ignore = me.emit(x.at(0).get<std::string>(), x.at(1));
  });
  c.on("bye", [](connection& me) {
    me.disconnect(troupe::close_code::service_restart, "as you like");
  });
}

void keep_rooms(connection& c) {
  // Emits [room, event, value].
  c.on("publish", [](connection& me, const json& x) {
    std::ignore = me.to_room(x.at(0).get<std::string>())
                    .emit(x.at(1).get<std::string>(), x.at(2));
  });
  c.on("add me", [](connection& me, const std::string& room) {
    std::ignore = me.join(room);
  });
  c.on("remove me",
       [](connection& me, const std::string& room) { return me.leave(room); });
  c.on("rooms", [](connection& me) { return me.rooms(); });
}

void set_up(troupe::app& app) {
  auto& server = app.endpoint("/dialogue");
  auto handled = std::make_shared<tally>();
  server.on_connection([handled](connection& c) {
    answer_requests(c, handled);
    send_to_the_client(c);
    keep_rooms(c);
  });
  server.serve("served", [](const json& x) { return x; });
  server.rooms("*", {.clients_publish = true});
  server.rooms("heard only/*");
  server.rooms("closed/*", {.clients_join = false});
  server.rooms("asked/*",
               {.on_join = [](connection&, const std::string& room,
                              const troupe::event_view& x) -> reply<json> {
                 if (x.payload == "no")
                   return refuse("unwanted", room);
                 return json{{"word", x.payload}};
               }});
}

} // namespace

int main(int argc, char** argv) {
  troupe::runtime_config cfg;
  // Any credentials but "no" are accepted.
  cfg.ws.authenticate = [](const troupe::request&, const json& auth,
                           const troupe::decision& decide) {
    if (auth == "no")
      decide.refuse(403, "you said no");
    else
      decide.accept();
  };
  return troupe::run(argc, argv, cfg, set_up);
}
