#include "net/runtime/openssl.hpp"

#include <boost/system/error_code.hpp>

#include <openssl/err.h>

namespace troupe::net {

std::string tls_complaint() {
  auto code = ERR_peek_error();
  if (ERR_SYSTEM_ERROR(code))
    return boost::system::error_code{static_cast<int>(ERR_GET_REASON(code)),
                                     boost::system::system_category()}
      .message();
  const auto* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "the connection was closed";
}

} // namespace troupe::net
