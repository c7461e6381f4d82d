#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::net {

/// The header by which a proxy names its client at the beginning of a
/// connection: the PROXY protocol of HAProxy, versions 1 and 2.
struct proxy_header {
  enum class state : uint8_t {
    incomplete, ///< More bytes are needed.
    invalid,
    complete,
  };

  /// Maximum number of bytes. Longer headers are invalid.
  static constexpr size_t max_size = 536;

  state how = state::incomplete;

  /// Number of bytes if the header is complete.
  size_t size = 0;

  /// The client; nothing if the proxy itself has connected, for example to
  /// check the server, or does not know the client.
  std::optional<boost::asio::ip::tcp::endpoint> client = {};
};

/// Parses the header at the beginning of `bytes`. Total: any bytes are valid
/// input.
proxy_header parse_proxy_header(std::string_view bytes);

} // namespace troupe::net
