#include "actors/handler_actor.hpp"

#include "base/guarded.hpp"
#include "troupe/log.hpp"
#include "troupe/requester.hpp"

#include <algorithm>

namespace troupe::actors {

handler_actor::handler_actor(caf::actor_config& cfg, event_loop* at,
                             connection_actor& self,
                             std::shared_ptr<server_core> core, std::string id,
                             troupe::request req)
  : pinned_actor(cfg, at),
    core_(std::move(core)),
    id_(std::move(id)),
    request_(std::move(req)),
    facade_(self) {
}

caf::invoke_message_result handler_actor::consume(caf::mailbox_element& x) {
  run_mark mark{this};
  // Responses are handled by continuations of users.
  auto is_users = x.mid.is_response();
  auto result = caf::invoke_message_result::consumed;
  try {
    result = pinned_actor::consume(x);
  } catch (...) {
    if (is_users)
      handler_failed();
    else
      break_down();
  }
  keep_behavior();
  return result;
}

/// Restores the behavior in case a handler has called `become`, since the actor
/// would not handle its own messages any more.
void handler_actor::keep_behavior() {
  const auto* kept = kept_behavior();
  if (kept == nullptr || getf(is_shutting_down_flag))
    return;
  auto& ours = kept->as_behavior_impl();
  if (!bhvr_stack_.empty() && bhvr_stack_.back().as_behavior_impl() == ours)
    return;
  bhvr_stack_.clear();
  become(*kept);
}

// -- calling handlers ---------------------------------------------------------

void handler_actor::handle(const frame& message) {
  watched([&] { handle_version_1(message); },
          [&] { return describe(message); });
}

void handler_actor::handle_version_1(const frame& message) {
  if (!is_event(message.payload(), core_->settings.event_prefix)) {
    call(handlers_.message, message);
  } else if (auto x = parse(message.payload(), core_->settings.event_prefix)) {
    handle_event(*x, no_request);
  } else {
    add_one(core_->stats.malformed_events);
    fail(x.error());
  }
}

/// Describes `message` for the log.
std::string handler_actor::describe(const frame& message) const {
  auto x = parse(message.payload(), core_->settings.event_prefix);
  return x ? "event " + std::string{x->name} : "a message";
}

handled handler_actor::handle_event(const event_view& event,
                                    troupe::requester& asker) {
  auto result = handled::unknown;
  handlers_.events.for_each([&](auto& entry) {
    if (entry.first != event.name)
      return;
    auto how = attempt([&] { return entry.second(facade_, event, asker); });
    result = result == handled::unknown ? how : std::max(result, how);
  });
  return result == handled::unknown ? serve(event, asker) : result;
}

/// Calls the service of an event that has no handler.
handled handler_actor::serve(const event_view& event,
                             troupe::requester& asker) {
  if (auto service = core_->services.find(event.name))
    return attempt([&] { return (*service)(facade_, event, asker); });
  add_one(core_->stats.unknown_events);
  log_once("unknown event " + std::string{event.name});
  return handled::unknown;
}

// -- errors -------------------------------------------------------------------

void handler_actor::tell_error(const caf::error& err) {
  handlers_.error.for_each([&](auto& f) {
    try {
      f(facade_, err);
    } catch (...) {
      add_one(core_->stats.handler_failures);
    }
  });
}

void handler_actor::fail(const caf::error& err) {
  log_once(what(err));
  tell_error(err);
}

/// Called in a catch clause when user code has thrown.
void handler_actor::handler_failed() noexcept {
  add_one(core_->stats.handler_failures);
  try {
    fail(make_error(errc::handler_failed, exception_text()));
  } catch (...) {
    // Probably out of memory. The failure is counted.
  }
}

void handler_actor::log_once(const std::string& line) {
  if (!std::exchange(logged_, true))
    log_limited(log_level::info, {"connection", id_, request_.remote_address()},
                id_ + " (" + request_.remote_address() + "): " + line);
}

} // namespace troupe::actors
