#include "actors/service_actor.hpp"

#include "actors/handler_actor.hpp"
#include "troupe/cluster.hpp"
#include "troupe/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

namespace troupe::actors {

namespace {

/// The service actors of one service.
class service_actors {
public:
  service_actors(service_provider who, serve_options how)
    : provider_(std::move(who)),
      options_(how) {
  }

  /// Returns the one on the thread of `asker`.
  caf::actor near(handler_actor& asker) {
    std::lock_guard guard{mutex_};
    auto& result = actors_[asker.at()];
    if (!is_alive(result))
      result = spawn_pinned<service_actor>(asker.home_system(), asker.at(),
                                           asker.shared_core(), provider_,
                                           options_);
    return result;
  }

private:
  static bool is_alive(const caf::actor& x) {
    using caf::abstract_actor;
    return x
           && !caf::actor_cast<abstract_actor*>(x)->getf(
             abstract_actor::is_terminated_flag);
  }

  const service_provider provider_;
  const serve_options options_;
  std::mutex mutex_;
  std::map<const event_loop*, caf::actor> actors_;
};

msg::question to_question(const connection& c, const event_view& x) {
  const auto* user = c.principal<std::string>();
  return {std::string{x.name}, c.id(), user != nullptr ? *user : "", x.tag,
          std::string{x.payload}};
}

/// Returns the outcome of a request that was answered with `x`, which may come
/// from another node. The client validates the payload.
outcome to_outcome(const msg::answer& x) {
  if (x.tag < type_tag::string || x.tag > type_tag::json)
    return refuse("failed", "the answer has an unknown type tag");
  return troupe::to_outcome(wire_value{x.tag, x.payload});
}

} // namespace

service_actor::service_actor(caf::actor_config& cfg, event_loop* at,
                             std::shared_ptr<server_core> core,
                             service_provider who, serve_options how)
  : runtime_actor(cfg, at),
    core_(std::move(core)),
    provider_(std::move(who)),
    options_(how) {
  belong_to(core_->registry);
  set_down_handler([this](const caf::down_msg& x) { on_down(x.source); });
}

caf::behavior service_actor::make_behavior() {
  return {[this](const served& x) {
    if (const auto* name = std::get_if<std::string>(&provider_))
      look_up(*name, x);
    else
      pass_on(std::get<caf::actor>(provider_), x, options_.timeout);
  }};
}

void service_actor::on_exit() {
  // Breaks a cycle: the services of the server hold handles to this actor.
  core_.reset();
  provider_ = caf::actor{};
  open_.clear();
}

void service_actor::look_up(const std::string& name, const served& x) {
  auto directory = core_->directory();
  if (!directory)
    return fail(x, make_error(errc::no_such_name, name));
  auto end = clock().now() + options_.timeout;
  request(directory, options_.timeout, find_actor{name})
    .then([this, x, end](
            const caf::actor& who) { pass_on(who, x, end - clock().now()); },
          [this, x](const caf::error& why) { fail(x, why); });
}

void service_actor::pass_on(const caf::actor& who, const served& x,
                            caf::timespan timeout) {
  if (!x.give)
    return caf::anon_send(who, x.what);
  if (timeout <= caf::timespan{0})
    return fail(x, caf::make_error(caf::sec::request_timeout));
  // CAF drops messages to a node that is lost, without an error.
  watch(who);
  auto number = ++last_number_;
  open_.emplace(number, entry{who.address(), *x.give});
  request(who, timeout, x.what)
    .then([this,
           number](const msg::answer& y) { settle(number, to_outcome(y)); },
          [this, number, x](const caf::error& why) {
            if (open_.erase(number) > 0)
              fail(x, why);
          });
}

void service_actor::fail(const served& x, const caf::error& why) {
  if (why != errc::refused)
    log_limited(log_level::warning, {.category = "actor"},
                "the service of event " + x.what.get_as<msg::question>(0).event
                  + ": " + what(why));
  if (x.give)
    (*x.give)(troupe::to_outcome(to_refusal(why)));
}

void service_actor::settle(uint64_t number, outcome x) {
  auto i = open_.find(number);
  if (i == open_.end())
    return;
  i->second.give(std::move(x));
  open_.erase(i);
}

void service_actor::watch(const caf::actor& who) {
  if (watched_.insert(who.address()).second)
    monitor(who);
}

/// Refuses what `who` has not answered. It may hold promises of answers
/// elsewhere, but nobody would notice if these were lost.
void service_actor::on_down(const caf::actor_addr& who) {
  watched_.erase(who);
  std::erase_if(open_, [&](const auto& x) {
    if (x.second.asked != who)
      return false;
    x.second.give(refuse("unavailable"));
    return true;
  });
}

event_handler make_service(service_provider who, serve_options how) {
  how.timeout = std::min(how.timeout, max_request_timeout);
  auto all = std::make_shared<service_actors>(std::move(who), how);
  return
    [all](connection& c, const event_view& x, requester& from) -> caf::error {
      served what{caf::make_message(to_question(c, x)), {}};
      if (from.is_request())
        what.give = from.hold();
      caf::anon_send(all->near(*handler_actor::running()), std::move(what));
      return {};
    };
}

} // namespace troupe::actors
