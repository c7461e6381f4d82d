#include "net/http/tls_certificates.hpp"

#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <memory>
#include <utility>

namespace troupe::net {

tls_certificates::tls_certificates(tls_config cfg)
  : settings_{std::move(cfg)},
    tickets_{make_ticket_keys()} {
}

caf::error tls_certificates::read() {
  std::lock_guard guard{reading_};
  auto now
    = look(); // First, so that a change during the call is noticed later.
  if (now == read_)
    return caf::none;
  read_ = std::move(now);
  auto err = read_all();
  if (err && current())
    log(log_level::error, {.category = "tls"},
        what(err) + "; the port continues with the previous certificates");
  return err;
}

ssl_context tls_certificates::current() const {
  std::lock_guard guard{mutex_};
  return context_;
}

tls_certificates::stamps tls_certificates::look() const {
  stamps result{file_stamp::of(settings_.client_ca)};
  for (const auto& x : settings_.certificates)
    result.push_back(file_stamp::of(x));
  for (const auto& x : settings_.keys)
    result.push_back(file_stamp::of(x));
  return result;
}

caf::error tls_certificates::read_all() {
  auto fresh = std::make_shared<tls_contexts>(settings_, tickets_);
  for (size_t i = 0; i < settings_.certificates.size(); ++i)
    if (auto why = fresh->add(settings_.certificates[i], settings_.keys.at(i));
        !why.empty())
      return make_error(errc::invalid_config, why);
  std::lock_guard guard{mutex_};
  if (context_)
    log(log_level::info, {.category = "tls"},
        "the certificates have changed; new connections use them");
  context_ = tls_contexts::first_of(std::move(fresh));
  return caf::none;
}

} // namespace troupe::net
