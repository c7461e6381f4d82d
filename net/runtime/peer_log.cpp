#include "net/runtime/peer_log.hpp"

#include "troupe/log.hpp"

#include <string>

namespace troupe::net {

void log_peer(std::string_view category, std::string_view remote,
              std::string_view what) {
  log_limited(log_level::info, {category, {}, remote},
              std::string{remote}.append(": ").append(what));
}

} // namespace troupe::net
