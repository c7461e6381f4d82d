#include "troupe/query.hpp"

#include "actors/seams/event_loop.hpp"

#include <caf/sec.hpp>

namespace troupe::detail {

bool on_runtime_thread() noexcept {
  return actors::event_loop::current() != nullptr;
}

caf::error explain_failure(caf::error err) {
  if (err == caf::sec::request_timeout)
    return make_error(errc::no_answer);
  if (err == caf::sec::request_receiver_down)
    return make_error(errc::no_answer, "the server has stopped");
  return err;
}

} // namespace troupe::detail
