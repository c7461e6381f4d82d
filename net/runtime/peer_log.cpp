#include "net/runtime/peer_log.hpp"

#include "troupe/log.hpp"

#include <utility>

namespace troupe::net {

std::string peer_name(std::string address, uint16_t port) {
  return std::move(address) + ' ' + std::to_string(port);
}

void log_peer(std::string_view category, std::string_view remote,
              std::string_view what) {
  log_limited(log_level::info, {category, {}, remote},
              std::string{remote}.append(": ").append(what));
}

} // namespace troupe::net
