#include "actors/hello_gate.hpp"

#include "actors/dialogue.hpp"
#include "troupe/log.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace troupe::actors {

namespace {

/// Returns the content of a hello.
std::optional<nlohmann::json> content_of(const protocol2::message_view& x) {
  if (x.status != protocol2::status::valid || x.kind != protocol2::kind::hello)
    return std::nullopt;
  auto result = protocol2::decode_json(x.text);
  if (!result)
    return std::nullopt;
  auto version = result->find("v");
  if (version == result->end() || *version != 2)
    return std::nullopt;
  return result;
}

bool has_stopped(const server_core& core) {
  return caf::actor_cast<caf::abstract_actor*>(core.registry)
    ->getf(caf::abstract_actor::is_terminated_flag);
}

} // namespace

hello_gate::hello_gate(handler_actor& owner, lower_layer& socket,
                       std::function<void()> enter)
  : owner_(owner),
    socket_(socket),
    enter_(std::move(enter)) {
}

caf::behavior hello_gate::await_client(dialogue* x) {
  dialogue_ = x;
  owner_.set_default_handler(caf::skip);
  if (dialogue_)
    socket_.grant(1);
  else
    ask({});
  return {
    [this](const inbound& msg) {
      if (!read(protocol2::parse(msg.message.payload())))
        socket_.close(close_code::protocol_error, "hello expected");
    },
    [this](decided& msg) { take(msg); },
    [this](const inbound_end&) { owner_.quit(); },
  };
}

bool hello_gate::read(const protocol2::message_view& hello) {
  auto content = content_of(hello);
  if (!content)
    return false;
  if (!owner_.core().authenticates())
    admit();
  else if (open_)
    dialogue_->refuse(0, "busy", "a hello is not answered yet");
  else
    ask((*content)["auth"]); // Null if it is missing.
  return true;
}

/// Lets the program decide, at once or later.
void hello_gate::ask(const nlohmann::json& auth) {
  auto& core = owner_.core();
  // The server must not release the function meanwhile.
  presence::stay here{core.present};
  if (has_stopped(core))
    return settle({.body = "the server stops"});
  former_end_ = socket_.expires_at();
  if (enter_)
    socket_.expire_at(
      std::min(former_end_, std::chrono::system_clock::now()
                              + core.settings.handshake_timeout));
  open_ = std::make_shared<char>();
  decision handle{[to = caf::actor_cast<caf::actor_addr>(&owner_),
                   ticket = ++ticket_](verdict x) {
                    if (auto self = caf::actor_cast<caf::actor>(to))
                      caf::anon_send(self, decided{ticket, std::move(x)});
                  },
                  open_};
  auto has_returned = false;
  owner_.watched(
    [&] {
      has_returned = owner_.call([&](connection&) {
        core.settings.authenticate(owner_.req(), auth, handle);
      });
    },
    [] { return std::string{"a hello"}; });
  if (!has_returned)
    settle({.status = 500, .body = "the check has failed"});
}

void hello_gate::take(decided& msg) {
  // After an exception, a decision may still arrive.
  if (!open_ || msg.ticket != ticket_)
    return;
  // The socket may take some time to close.
  auto is_late = enter_
                 && socket_.expires_at() <= std::chrono::system_clock::now();
  settle(is_late ? verdict{.body = "the decision is late"}
                 : std::move(msg.what));
}

void hello_gate::settle(verdict x) {
  open_.reset();
  if (!x.is_accepted)
    return turn_away(x);
  auto is_new = x.principal.has_value();
  if (is_new)
    owner_.set_principal(std::move(x.principal));
  socket_.expire_at(is_new ? x.until : former_end_);
  admit();
}

void hello_gate::admit() {
  if (auto enter = std::exchange(enter_, nullptr))
    enter();
  else
    dialogue_->greet();
}

void hello_gate::turn_away(const verdict& x) {
  auto is_refused = x.status < 500;
  std::string_view code = is_refused ? "refused" : "failed";
  if (dialogue_)
    dialogue_->refuse(0, code, x.body);
  if (!enter_)
    return;
  log_limited(log_level::info,
              {"connection", owner_.client_id(), owner_.req().remote_address()},
              owner_.req().remote_address() + ": refused by authenticate, "
                + std::to_string(x.status));
  socket_.close(is_refused ? close_code::policy_violation
                           : close_code::internal_error,
                code);
}

} // namespace troupe::actors
