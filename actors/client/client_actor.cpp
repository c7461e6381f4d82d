#include "actors/client/client_actor.hpp"

#include "troupe/log.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace troupe::actors {

namespace {

using namespace std::chrono_literals;

/// Time for the closing handshake when the owner has ended. A program that
/// stops waits little longer.
constexpr auto owner_patience = 1s;

constexpr log_fields log_context{.category = "ws_client"};

} // namespace

client_actor::client_actor(caf::actor_config& cfg, event_loop* at,
                           std::shared_ptr<client_core> core,
                           client_dialer dial)
  : client_link(cfg, at, std::move(core), std::move(dial)) {
  if (this->core().options.protocol == 2)
    protocol2_.emplace(*this);
}

caf::behavior client_actor::make_behavior() {
  set_down_handler([this](const caf::down_msg&) {
    client_link::close(close_code::going_away, {}, owner_patience);
  });
  caf::message_handler tasks{
    [this](const client_task& x) { x.run(*this); },
    [this](request_overdue) { protocol2_->end_late_requests(); },
    [this](const client_rejoin& x) { protocol2_->rooms().on_time(x); },
  };
  return tasks.or_else(link_handlers());
}

/// Callbacks may hold handles to this actor.
void client_actor::on_exit() {
  client_link::on_exit();
  if (protocol2_)
    protocol2_->on_end(true);
  callbacks_ = {};
  queue_ = {};
}

std::string client_actor::key_of(std::string_view event,
                                 std::string_view room) {
  std::string result{event};
  if (!room.empty())
    result.append(1, ';').append(room); // Names of events have no ';'.
  return result;
}

// -- calls of handles ---------------------------------------------------------

void client_actor::start() {
  if (const auto& owner = core().options.owner)
    monitor(owner);
  connect();
}

void client_actor::add_on_connect(callback<ws_client&> f) {
  callbacks_.connect.add(f);
  if (state() == client_state::open) {
    auto me = facade();
    guarded([&] { f(me); });
  }
}

void client_actor::send(const frame& message) {
  if (state() == client_state::closing)
    drop(drop_reason::closed, message);
  else if (!queue_message({message}))
    drop(drop_reason::full, message);
}

void client_actor::keep(const std::string& event, const frame& message) {
  auto known = std::find_if(kept_.begin(), kept_.end(),
                            [&](const auto& x) { return x.first == event; });
  if (known == kept_.end())
    kept_.emplace_back(event, message);
  else
    known->second = message;
  if (state() == client_state::open)
    send(message);
}

void client_actor::forget(const std::string& event) {
  std::erase_if(kept_, [&](const auto& x) { return x.first == event; });
}

void client_actor::ask(const client_question& what, const request_callback& f) {
  if (protocol2_)
    return protocol2_->ask(what, f);
  guarded([&] {
    f(refuse("unavailable", "requests need version 2 of the protocol"));
  });
}

void client_actor::join(const std::string& room, const wire_value& data) {
  if (protocol2_)
    protocol2_->rooms().join(room, data);
  else
    tell_no_rooms();
}

void client_actor::leave(const std::string& room) {
  if (protocol2_)
    protocol2_->rooms().leave(room);
}

void client_actor::send_to_room(const frame& message) {
  if (protocol2_)
    send(message);
  else
    tell_no_rooms();
}

bool client_actor::queue_message(client_queue::item x) {
  const auto& options = core().options;
  auto limits = state() == client_state::open
                  ? client_queue::limits{std::numeric_limits<size_t>::max(),
                                         options.max_unsent_bytes}
                  : client_queue::limits{options.max_queue_messages,
                                         options.max_queue_bytes};
  if (!queue_.push(std::move(x), limits))
    return false;
  publish_queue_size();
  pump();
  return true;
}

bool client_actor::queue_here(frame message, uint64_t request) {
  return queue_message({std::move(message), request, socket_number()});
}

void client_actor::reconnect() {
  if (state() == client_state::closing)
    return;
  if (state() != client_state::waiting)
    abandon(close_code::abnormal, "given up");
  if (state() == client_state::waiting)
    connect();
}

void client_actor::close(close_code code, std::string_view reason) {
  client_link::close(code, reason, core().options.close_timeout);
}

// -- the link -----------------------------------------------------------------

void client_actor::on_handshake(const std::string& subprotocol) {
  if (protocol2_)
    protocol2_->on_handshake(subprotocol);
  else
    enter_open();
}

void client_actor::on_open() {
  is_told_ = false;
  for (const auto& [event, message] : kept_)
    write_first(message);
  if (protocol2_)
    protocol2_->rooms().on_open();
  call(callbacks_.connect);
}

void client_actor::on_message(const frame& message) {
  if (protocol2_)
    return protocol2_->on_message(message);
  const auto& prefix = core().options.event_prefix;
  if (prefix.empty() || !is_event(message.payload(), prefix))
    return hear_raw(message);
  if (auto event = parse(message.payload(), prefix))
    hear(*event, no_request);
  else
    tell_error(event.error());
}

void client_actor::on_state() {
  call(callbacks_.state, state());
}

/// Tells a loss once, however often connecting again fails, and the end.
void client_actor::on_end(const ws_client_end& how) {
  while (how.is_over && !queue_.empty())
    if (auto x = queue_.pop(); x.request == 0 && x.socket == 0)
      drop(drop_reason::closed, x.message);
  publish_queue_size();
  if (protocol2_)
    protocol2_->on_end(how.is_over);
  auto is_news = !std::exchange(is_told_, true) || how.is_over;
  if (is_news)
    call(callbacks_.disconnect, how);
}

void client_actor::on_alarm() {
  if (protocol2_)
    protocol2_->on_alarm();
}

/// The advice of a server replaces what its close code means.
std::optional<caf::timespan> client_actor::decide_wait(ws_client_end& how) {
  const auto& options = core().options;
  auto advice = protocol2_ ? protocol2_->take_advice() : std::nullopt;
  auto again = client_backoff::is_passing(how.code);
  if (advice) {
    again = advice->again;
    how.why = advice->why;
  }
  if (state() == client_state::closing)
    return std::nullopt;
  if (options.again)
    guarded([&] { again = options.again(how); });
  if (!again || !options.reconnect)
    return std::nullopt;
  if (!advice)
    return backoff().wait(how.code, how.attempts);
  return std::max(backoff().wait(close_code::abnormal, how.attempts),
                  advice->after
                    + backoff().between(caf::timespan{0}, advice->window));
}

std::optional<frame> client_actor::next_message() {
  while (!queue_.empty()) {
    auto x = queue_.pop();
    publish_queue_size();
    auto is_stale = x.socket != 0 && x.socket != socket_number();
    auto fits = !protocol2_ || protocol2_->fits(x.message.payload().size());
    if (x.request == 0 ? !is_stale && fits
                       : protocol2_->take_over(x.request, is_stale, fits))
      return std::move(x.message);
    if (x.request == 0 && !is_stale)
      drop(drop_reason::too_big, x.message);
  }
  return std::nullopt;
}

// -- messages -----------------------------------------------------------------

handled client_actor::hear(const event_view& event, troupe::requester& from,
                           std::string_view room) {
  if (room.empty())
    return tell_event(callbacks_.events, event.name, event, from);
  return tell_event(callbacks_.events, key_of(event.name, room), event, from);
}

void client_actor::hear_raw(const frame& message) {
  call(callbacks_.message, message);
}

void client_actor::drop(drop_reason why, const frame& message) {
  core().dropped += 1;
  if (callbacks_.drop.empty() && core().dropped == 1)
    log_limited(log_level::warning, log_context,
                core().options.url + ": messages are dropped; the client is "
                  + to_string(state()));
  call(callbacks_.drop, dropped_message{why, message});
}

void client_actor::publish_queue_size() {
  core().queued.store(queue_.size(), std::memory_order_relaxed);
}

// -- callbacks ----------------------------------------------------------------

handled client_actor::tell_event(
  client_callbacks::named_list<client_event_handler>& list,
  std::string_view name, const event_view& x, troupe::requester& from) {
  auto me = facade();
  auto result = handled::unknown;
  list.for_each([&](auto& entry) {
    if (entry.first != name)
      return;
    auto how = handled::fine;
    auto is_done = guarded([&] {
      if (auto err = entry.second(me, x, from)) {
        how = handled::unfit;
        tell_error(err);
      }
    });
    if (!is_done)
      how = handled::failed;
    result = result == handled::unknown ? how : std::max(result, how);
  });
  return result;
}

void client_actor::tell_joined(const std::string& room,
                               const event_view& answer) {
  tell_event(callbacks_.joined, room, {"joined", answer.tag, answer.payload},
             no_request);
}

void client_actor::tell_no_rooms() {
  tell_error(make_error(errc::application_error,
                        "rooms need version 2 of the protocol"));
}

ws_client client_actor::facade() {
  return {handle(), shared_core()};
}

void client_actor::tell_error(const caf::error& err) {
  if (callbacks_.error.empty())
    return log_limited(log_level::warning, log_context,
                       core().options.url + ": " + what(err));
  auto me = facade();
  callbacks_.error.for_each([&](auto& f) {
    troupe::guarded(log_context.category, "on_error", [&] { f(me, err); });
  });
}

} // namespace troupe::actors
