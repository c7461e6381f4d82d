#include "net/ws/close_advice.hpp"

#include "base/protocol2.hpp"
#include "net/ws/expiry.hpp"

namespace troupe::net {

namespace {

struct advice {
  const char* why;
  bool again;
  int after = 0;  ///< Milliseconds.
  int window = 0; ///< Milliseconds.
};

advice advice_for(const close_info& how) {
  switch (how.code) {
    case close_code::normal:
    case close_code::no_status:
      return {"closed", false};
    case close_code::going_away:
      return {"going_away", true, 0, 2000};
    case close_code::service_restart:
      return {"restart", true, 0, 5000};
    case close_code::try_again_later:
      return {"slow", true, 1000, 5000};
    case close_code::internal_error:
      return {"failed", true, 1000, 5000};
    case close_code::message_too_big:
      return {"too_big", true};
    case close_code::policy_violation:
      if (how.reason == expiry::reason)
        return {"expired", true, 0, 2000};
      if (how.cause == errc::rate_exceeded)
        return {"too_fast", false};
      return {"refused", false};
    case close_code::protocol_error:
    case close_code::unsupported_data:
    case close_code::invalid_payload:
      return {"protocol", false};
    default: // A code of the program, which the client knows.
      return {"closed", false};
  }
}

} // namespace

slice close_advice(const close_info& how, bool binary) {
  auto x = advice_for(how);
  auto result = protocol2::encode_json(protocol2::kind::advice,
                                       {{"why", x.why},
                                        {"again", x.again},
                                        {"after", x.after},
                                        {"window", x.window}},
                                       binary)
                  .wire();
  result.messages = 0;
  return result;
}

} // namespace troupe::net
