#include "net/runtime/vital_signs.hpp"

#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <caf/exit_reason.hpp>

#include <utility>

namespace troupe::net {

namespace {

bool is_failure(const caf::error& why) {
  return why && why != caf::exit_reason::normal
         && why != caf::exit_reason::user_shutdown;
}

} // namespace

vital_signs::vital_signs(std::function<void()> on_loss)
  : on_loss_{std::move(on_loss)} {
}

void vital_signs::watch(const caf::actor& who, std::string what,
                        std::function<bool()> is_meant) {
  who->attach_functor([self = shared_from_this(), name = std::move(what),
                       is_meant = std::move(is_meant)](const caf::error& why) {
    if (is_meant ? !is_meant() : is_failure(why))
      self->lose(name, why);
  });
}

bool vital_signs::rest() {
  std::lock_guard guard{mutex_};
  on_loss_ = nullptr;
  return !is_lost_;
}

void vital_signs::lose(const std::string& name, const caf::error& why) {
  std::lock_guard guard{mutex_};
  if (!on_loss_)
    return;
  is_lost_ = true;
  log(log_level::error, {.category = "runtime"},
      name + " has ended (" + what(why)
        + ") and is required: the program stops");
  on_loss_();
}

} // namespace troupe::net
