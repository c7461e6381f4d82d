#include "net/runtime/actor_failures.hpp"

#include "base/guarded.hpp"
#include "troupe/log.hpp"

#include <caf/resumable.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <string>

namespace troupe::net {

namespace {

using handler = caf::scheduled_actor::exception_handler;

caf::error tell(caf::scheduled_actor* self, std::exception_ptr& x) {
  auto line = "actor " + std::to_string(self->id()) + ", " + self->name()
              + ", ended by an exception: ";
  try {
    std::rethrow_exception(x);
  } catch (...) {
    line += exception_text();
  }
  log_limited(log_level::error, {.category = "actor"}, line);
  return caf::sec::runtime_error; // same result as CAF's default handler
}

/// Gives access to protected members of CAF.
struct access : caf::scheduled_actor {
  static handler& handler_of(caf::scheduled_actor& x) {
    return x.*(&access::exception_handler_);
  }

  static bool is_default(const handler& x) {
    using function = caf::error (*)(pointer, std::exception_ptr&);
    auto* f = x.target<function>();
    return f != nullptr && *f == &default_exception_handler;
  }
};

} // namespace

void watch_for_failures(caf::resumable& job) {
  if (job.subtype() != caf::resumable::scheduled_actor)
    return;
  auto& self = static_cast<caf::scheduled_actor&>(job);
  if (self.getf(caf::abstract_actor::is_initialized_flag))
    return;
  if (auto& f = access::handler_of(self); access::is_default(f))
    f = tell;
}

} // namespace troupe::net
