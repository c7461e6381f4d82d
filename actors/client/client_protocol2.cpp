#include "actors/client/client_protocol2.hpp"

#include "actors/client/client_actor.hpp"
#include "base/protocol2_refusal.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace troupe::actors {

namespace {

using namespace std::chrono_literals;

using nlohmann::json;
using protocol2::kind;

/// Time for the network, in addition to the time between signs of life.
constexpr caf::timespan network_time = 10s;

/// An alarm that comes later than this was held up, with its whole process
/// possibly, so that silence means nothing.
constexpr caf::timespan late_time = 5s;

/// Time for the answer to a probe.
constexpr caf::timespan probe_time = 5s;

/// Upper bound of times that a server names.
constexpr caf::timespan max_time = 24h;

/// Maximum number of requests without an outcome.
constexpr size_t max_requests = 1024;

/// Part of the time until the end of a right after which it is renewed.
constexpr auto refresh_share = 0.8;

/// Reads the text of a hello or an advice.
/// @returns null if it is not an object.
json read_object(std::string_view text) {
  auto result = value_of({"", type_tag::json, text});
  return result && result->is_object() ? std::move(*result) : json{};
}

/// Returns a member in milliseconds; 0 if there is none.
caf::timespan time_in(const json& x, const char* name) {
  auto i = x.find(name);
  if (i == x.end() || !i->is_number_unsigned())
    return caf::timespan{0};
  auto most = static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::milliseconds>(max_time).count());
  return std::chrono::milliseconds{std::min(i->get<uint64_t>(), most)};
}

/// Returns a limit of the server; `no_limit` if it names none.
size_t limit_in(const json& hello, const char* name) {
  auto limits = hello.value("limits", json::object());
  auto i = limits.find(name);
  return i != limits.end() && i->is_number_unsigned() ? i->get<size_t>()
                                                      : no_limit;
}

std::string text_in(const json& x, const char* name) {
  auto i = x.find(name);
  return i != x.end() && i->is_string() ? i->get<std::string>() : "";
}

} // namespace

client_protocol2::client_protocol2(client_actor& owner)
  : owner_{owner},
    rooms_{owner, requests_} {
}

client_protocol2::time_point client_protocol2::now() const {
  return owner_.clock().now();
}

/// A request of the server while its handlers run.
class client_protocol2::server_request final : public troupe::requester {
public:
  server_request(client_protocol2& parent, uint64_t id)
    : parent_{parent},
      id_{id} {
  }

  bool is_request() const noexcept override {
    return true;
  }

  void settle(outcome x) override {
    hold()(std::move(x));
  }

  /// The answer follows what handlers have sent so far: as they do, it comes to
  /// the client as a message.
  one_shot<outcome> hold() override {
    if (std::exchange(is_settled_, true))
      return {};
    return make_outcome_handle(
      [client = caf::actor_cast<caf::actor_addr>(parent_.owner_.handle()),
       which = std::weak_ptr{parent_.alive_}, id = id_](outcome x) {
        client_task give{[which, id, x = std::move(x)](client_actor& owner) {
          if (!which.expired())
            owner.protocol2_->answer(id, x);
        }};
        if (auto to = caf::actor_cast<caf::actor>(client))
          caf::anon_send(to, std::move(give));
      },
      parent_.alive_);
  }

private:
  client_protocol2& parent_;
  uint64_t id_;
  bool is_settled_ = false;
};

// -- connections --------------------------------------------------------------

void client_protocol2::on_handshake(const std::string& subprotocol) {
  alive_ = std::make_shared<char>();
  open_questions_ = 0;
  max_message_size_ = no_limit;
  advice_.reset();
  silence_ = caf::timespan{0};
  is_probing_ = false;
  if (subprotocol == protocol2::subprotocol)
    send_hello();
  else
    owner_.abandon(close_code::abnormal,
                   "the server does not support version 2 of the protocol");
}

void client_protocol2::send_hello() {
  refresh_at_ = time_point::max();
  json hello{{"v", 2}};
  if (const auto& auth = owner_.core().options.auth)
    owner_.guarded([&] { hello["auth"] = auth(); });
  owner_.write_first(protocol2::encode_json(kind::hello, hello));
}

void client_protocol2::on_hello(std::string_view text) {
  auto hello = read_object(text);
  if (hello.is_null() || hello.value("v", json{}) != 2)
    return owner_.abandon(close_code::protocol_error, "invalid hello");
  auto is_first = owner_.state() != client_state::open;
  if (is_first) {
    auto beat = time_in(hello, "beat");
    silence_ = beat > caf::timespan{0} ? beat + network_time : beat;
    max_message_size_ = limit_in(hello, "message");
  }
  if (owner_.core().options.auth)
    if (auto until = time_in(hello, "until"); until > caf::timespan{0})
      refresh_at_
        = now()
          + std::chrono::duration_cast<caf::timespan>(until * refresh_share);
  if (is_first)
    owner_.enter_open();
  arm();
}

void client_protocol2::on_advice(std::string_view text) {
  auto x = read_object(text);
  if (x.is_null())
    return;
  advice_ = {x.value("again", json{}) == true, time_in(x, "after"),
             time_in(x, "window"), text_in(x, "why")};
}

std::optional<client_advice> client_protocol2::take_advice() {
  return std::exchange(advice_, std::nullopt);
}

void client_protocol2::on_end(bool is_over) {
  alive_.reset();
  for (const auto& f : requests_.take_sent())
    fail(f, "unknown_outcome", "the connection ended before the answer");
  if (is_over)
    for (const auto& f : requests_.take_all())
      call(f, gone());
}

// -- signs of life ------------------------------------------------------------

void client_protocol2::arm() {
  due_ = refresh_at_;
  if (is_probing_)
    due_ = std::min(due_, heard_at_ + probe_time);
  else if (silence_ > caf::timespan{0})
    due_ = std::min(due_, heard_at_ + silence_);
  if (due_ != time_point::max())
    owner_.set_alarm(std::max(due_ - now(), time_point::duration{0}));
}

void client_protocol2::on_alarm() {
  auto t = now();
  if (t >= refresh_at_)
    send_hello();
  auto is_silent = silence_ > caf::timespan{0} && t - heard_at_ >= silence_;
  if (is_probing_ ? t - heard_at_ >= probe_time
                  : is_silent && t - due_ < late_time)
    return owner_.abandon(close_code::abnormal, "no sign of life in time");
  if (is_silent && !is_probing_) {
    is_probing_ = true;
    heard_at_ = t;
    owner_.write_first(protocol2::encode_sign(kind::probe));
  }
  arm();
}

// -- messages -----------------------------------------------------------------

void client_protocol2::on_message(const frame& message) {
  heard_at_ = now();
  is_probing_ = false;
  auto x = protocol2::parse(message.payload());
  if (x.status == protocol2::status::malformed)
    return owner_.tell_error(make_error(errc::malformed_event));
  auto is_early = owner_.state() != client_state::open && x.kind != kind::hello
                  && x.kind != kind::error && x.kind != kind::advice;
  if (x.status == protocol2::status::unknown || is_early)
    return;
  switch (x.kind) {
    case kind::hello:
      return on_hello(x.text);
    case kind::event:
      owner_.hear(x.value, no_request,
                  protocol2::decode_room(x.room).value_or(""));
      return;
    case kind::raw:
      return owner_.hear_raw(message.is_binary() ? frame::binary(x.text)
                                                 : frame::text(x.text));
    case kind::request:
      return on_request(x);
    case kind::answer:
      return finish(x.id, x.value);
    case kind::error:
      return on_error(x);
    case kind::change:
      return rooms_.on_change(*protocol2::decode_room(x.room),
                              std::string{x.code});
    case kind::advice:
      return on_advice(x.text);
    default:
      return;
  }
}

void client_protocol2::on_error(const protocol2::message_view& x) {
  auto why = protocol2::decode_refusal(x);
  if (x.id != 0)
    return finish(x.id, why);
  owner_.tell_error(
    make_error(errc::application_error, why.code + ": " + why.message));
}

// -- requests -----------------------------------------------------------------

void client_protocol2::ask(const client_question& what, request_callback f) {
  auto event = encode(what.event, what.value, "");
  if (!event)
    return fail(f, "malformed", troupe::what(event.error()));
  if (owner_.state() == client_state::closing)
    return call(f, gone());
  if (requests_.size() >= max_requests)
    return fail(f, "busy", "too many requests have no answer yet");
  auto id = requests_.add(std::move(f), now() + what.timeout);
  event_view x{what.event, what.value.tag, what.value.payload};
  auto room = protocol2::encode_room(what.room);
  if (!owner_.queue_message({protocol2::encode_request(id, room, x), id}))
    return fail(requests_.take(id), "busy", "too many messages wait");
  await_late_requests();
}

/// Sends the outcome of the server's request `id`.
void client_protocol2::answer(uint64_t id, const outcome& x) {
  --open_questions_;
  const auto* value = std::get_if<wire_value>(&x);
  auto message = value ? protocol2::encode_answer(id, *value)
                       : protocol2::encode_refusal(id, std::get<refusal>(x));
  if (message.payload().size() > max_message_size_)
    message = protocol2::encode_refusal(id, refuse("too_big"));
  if (!owner_.queue_here(std::move(message), 0))
    owner_.write_first(protocol2::encode_refusal(id, refuse("busy")));
}

void client_protocol2::on_request(const protocol2::message_view& x) {
  if (open_questions_ >= max_requests)
    return owner_.write_first(protocol2::encode_refusal(x.id, refuse("busy")));
  ++open_questions_;
  server_request asker{*this, x.id};
  asker.settle(x.room.empty() ? outcome_of(owner_.hear(x.value, asker))
                              : refuse("no_handler"));
}

bool client_protocol2::take_over(uint64_t id, bool is_stale, bool fits) {
  if (is_stale)
    requests_.take(id);
  else if (!fits)
    finish(id, refuse("too_big", "the server takes smaller messages"));
  else
    return requests_.note_sent(id);
  return false;
}

void client_protocol2::end_late_requests() {
  for (const auto& f : requests_.take_late(now()))
    fail(f, "timeout", "no answer in time");
  await_late_requests();
}

void client_protocol2::await_late_requests() {
  if (auto end = requests_.next_alarm())
    owner_.delayed_send(&owner_, *end - now(), request_overdue{});
}

void client_protocol2::finish(uint64_t id, const detail::answer_view& x) {
  if (auto f = requests_.take(id)) // else it comes late
    call(f, x);
}

void client_protocol2::call(const open_requests::callback& f,
                            const detail::answer_view& x) {
  owner_.guarded([&] { f(x); });
}

void client_protocol2::fail(const open_requests::callback& f, std::string code,
                            std::string message) {
  call(f, refuse(std::move(code), std::move(message)));
}

} // namespace troupe::actors
