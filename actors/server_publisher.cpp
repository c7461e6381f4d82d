#include "actors/server_publisher.hpp"

#include "actors/outbound_sequencer.hpp"
#include "actors/registry_actor.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <utility>

namespace troupe::actors {

namespace {

/// Sent by the publisher to itself when a period of `lateness` is over.
struct tick {};

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::tick)

namespace troupe::actors {

namespace {

/// The maximum number of messages that are not confirmed.
constexpr size_t max_unconfirmed = 4096;

size_t size_of(const frame& message) {
  return message.payload().size() + outbound_sequencer::overhead;
}

/// Returns the room to which a message is addressed; null if there is none.
const std::string* room_of(const announcement& x) {
  using kind = recipient::kind;
  auto may_be_room = x.to.what == kind::room || x.to.what == kind::any;
  return may_be_room ? &x.to.name : nullptr;
}

/// Returns the room to which a query refers; null if there is none.
const std::string* room_of(const caf::message& what) {
  if (what.match_elements<msg::survey>())
    return room_of(what.get_as<msg::survey>(0).what);
  return what.match_elements<msg::connections_by_room>()
           ? &what.get_as<msg::connections_by_room>(0).room
           : nullptr;
}

/// Returns the room whose members the command `what` changes: "" if it may be
/// any room, null if there is none.
const std::string* room_changed_by(const caf::message& what) {
  static const std::string any;
  if (!what.match_elements<msg::forward>())
    return nullptr;
  const auto& x = what.get_as<msg::forward>(0).what;
  if (x.match_elements<msg::join>())
    return &x.get_as<msg::join>(0).room;
  if (x.match_elements<msg::leave>())
    return &x.get_as<msg::leave>(0).room;
  return x.match_elements<msg::leave_all>() ? &any : nullptr;
}

/// Returns the approximate size of a command or query. It includes names, since
/// these are chosen by the caller and may have any length.
size_t size_of(const caf::message& what) {
  auto size = outbound_sequencer::overhead;
  if (what.match_elements<msg::forward>())
    size += what.get_as<msg::forward>(0).id.size();
  for (const auto* room : {room_of(what), room_changed_by(what)})
    size += room != nullptr ? room->size() : 0;
  return size;
}

} // namespace

server_publisher::server_publisher(caf::actor_config& cfg, event_loop* at,
                                   std::shared_ptr<server_core> core)
  : runtime_actor(cfg, at),
    core_(std::move(core)) {
  belong_to(core_->registry);
  send(core_->registry, register_publisher{});
}

caf::behavior server_publisher::make_behavior() {
  return {
    [this](announcement& x) {
      waiting_.push_back({++last_number_, std::move(x)});
      send_on();
    },
    [this](msg::forward& x) { ask(caf::make_message(std::move(x))); },
    [this](msg::connections_by_room& x) {
      ask(caf::make_message(std::move(x)));
    },
    [this](msg::survey& x) { ask(caf::make_message(std::move(x))); },
    [this](const msg::confirmed& x) {
      tickets_.close(x.first, x.last);
      send_on();
    },
    [this](tick) {
      give_up_late_ones();
      send_on();
    },
  };
}

caf::invoke_message_result server_publisher::consume(caf::mailbox_element& x) {
  if (!x.mid.is_response())
    return runtime_actor::consume(x);
  take_answer(x.mid.request_id().integer_value(), x.move_content_to_message());
  send_on();
  return caf::invoke_message_result::consumed;
}

/// Responds to all open requests as a registry that has terminated does.
void server_publisher::on_exit() {
  auto refuse = [](inquiry& x) {
    x.asker.deliver(make_error(caf::sec::request_receiver_down));
  };
  for (auto* list : {&late_, &open_})
    for (auto& [number, x] : std::exchange(*list, {}))
      refuse(x);
  for (auto& x : std::exchange(waiting_, {}))
    if (auto* asked = std::get_if<inquiry>(&x.what))
      refuse(*asked);
}

void server_publisher::ask(caf::message what) {
  auto asker = is_asked() ? make_response_promise() : caf::response_promise{};
  auto size = size_of(what);
  if (asked_bytes_ > 0
      && asked_bytes_ + size > core_->settings.max_output_bytes) {
    add_one(core_->stats.output_dropped);
    asker.deliver(make_error(errc::too_much_output));
    return;
  }
  asked_bytes_ += size;
  waiting_.push_back({++last_number_, inquiry{std::move(what), asker}});
  if (lateness_.note(last_number_))
    delayed_send(this, lateness::period, tick{});
  send_on();
}

void server_publisher::send_on() {
  while (!waiting_.empty() && may_go(waiting_.front())) {
    auto x = std::move(waiting_.front());
    waiting_.pop_front();
    std::visit([&](auto& what) { send_now(x.number, what); }, x.what);
  }
}

bool server_publisher::may_go(const entry& x) const {
  if (x.number <= lateness_.late())
    return true;
  if (const auto* asked = std::get_if<inquiry>(&x.what)) {
    const auto* room = room_of(asked->what);
    return room == nullptr || !is_changing(*room);
  }
  const auto* room = room_of(std::get<announcement>(x.what));
  return tickets_.open() < max_unconfirmed
         && (room == nullptr || !is_changing(*room));
}

bool server_publisher::is_changing(const std::string& room) const {
  return !changing_.empty()
         && (changing_.contains(room) || changing_.contains(""));
}

void server_publisher::send_now(uint64_t, announcement& x) {
  core_->announced -= size_of(x.message);
  send(core_->registry,
       msg::publish{std::move(x.to), std::move(x.message), tickets_.issue()});
}

void server_publisher::send_now(uint64_t number, inquiry& x) {
  caf::message_id id{caf::message_id::default_async_value | number};
  core_->registry->enqueue(caf::make_mailbox_element(ctrl(), id, {}, x.what),
                           context());
  if (number <= lateness_.late()) {
    late_.emplace(number, std::move(x));
    return;
  }
  if (const auto* room = room_changed_by(x.what))
    ++changing_[*room];
  open_.emplace(number, std::move(x));
}

void server_publisher::take_answer(uint64_t number,
                                   const caf::message& answer) {
  auto x = open_.extract(number);
  if (!x.empty())
    settle(x.mapped().what);
  else
    x = late_.extract(number);
  if (x.empty())
    return;
  asked_bytes_ -= size_of(x.mapped().what);
  x.mapped().asker.deliver(answer);
}

void server_publisher::give_up_late_ones() {
  if (lateness_.tick(!open_.empty() || !waiting_.empty()))
    delayed_send(this, lateness::period, tick{});
  while (!open_.empty() && open_.begin()->first <= lateness_.late()) {
    settle(open_.begin()->second.what);
    late_.insert(open_.extract(open_.begin()));
  }
}

/// Notes that nothing waits for the command `what` any longer.
void server_publisher::settle(const caf::message& what) {
  const auto* room = room_changed_by(what);
  if (room == nullptr)
    return;
  if (auto i = changing_.find(*room); --i->second == 0)
    changing_.erase(i);
}

server_target::server_target(std::shared_ptr<server_core> core,
                             caf::actor publisher)
  : core_(std::move(core)),
    publisher_(std::move(publisher)) {
}

void server_target::send_to(const recipient& to, frame message) {
  auto size = size_of(message);
  auto before = core_->announced.fetch_add(size);
  if (before > 0 && before + size > core_->settings.max_output_bytes) {
    core_->announced -= size;
    add_one(core_->stats.output_dropped);
    return;
  }
  caf::anon_send(publisher_, announcement{to, std::move(message)});
}

} // namespace troupe::actors
