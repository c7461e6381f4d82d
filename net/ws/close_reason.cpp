#include "net/ws/close_reason.hpp"

namespace troupe::net::close_reason {

close_info too_big() {
  return {close_code::message_too_big, "", false,
          make_error(errc::message_too_big)};
}

close_info too_fast(std::string_view what) {
  return {close_code::policy_violation, std::string{what}, false,
          make_error(errc::rate_exceeded, std::string{what})};
}

close_info too_quiet() {
  return {close_code::policy_violation, "no message in time", false,
          make_error(errc::read_timeout)};
}

close_info too_slow() {
  return {close_code::try_again_later, "slow receiver", false,
          make_error(errc::slow_receiver)};
}

close_info timed_out(errc limit) {
  return {close_code::abnormal, "", false, make_error(limit)};
}

close_info broken(close_code code, std::string_view what) {
  return {code, "", false,
          make_error(errc::protocol_violation, std::string{what})};
}

close_info broken_payload(std::string_view what) {
  return broken(close_code::invalid_payload, what);
}

close_info of(const frame_reader::failure& x) {
  return x.code == close_code::message_too_big ? too_big()
                                               : broken(x.code, x.what);
}

close_info of(const base::close_words& x) {
  close_info result{x.code, std::string{x.reason}, true, {}};
  if (!base::is_normal(x.code))
    result.cause = make_error(errc::closed_by_peer,
                              std::to_string(static_cast<uint16_t>(x.code))
                                + ' ' + result.reason);
  return result;
}

close_info lost(error_code why) {
  return {close_code::abnormal, "", true,
          make_error(errc::connection_lost,
                     why ? why.message() : "End of file")};
}

log_level severity(const close_info& x) {
  if (!x.cause || x.cause == errc::connection_lost)
    return log_level::debug;
  return x.by_peer ? log_level::info : log_level::warning;
}

void tell(const std::string& remote, const close_info& x) {
  auto level = severity(x);
  if (!is_logged(level))
    return;
  log_limited(level, {"websocket", {}, remote},
              remote + " closed with "
                + std::to_string(static_cast<uint16_t>(x.code))
                + (x.cause ? ": " + what(x.cause) : ""));
}

} // namespace troupe::net::close_reason
