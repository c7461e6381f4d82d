#include "net/wire/proxy_header.hpp"

#include "base/ascii.hpp"
#include "base/number.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::net {

namespace ip = boost::asio::ip;

using ip::tcp;

namespace {

using state = proxy_header::state;

constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};

constexpr std::string_view version_1 = "PROXY ";

constexpr size_t max_line = 107;

constexpr size_t binary_head_size = 16;

const proxy_header invalid{state::invalid};

bool may_become(std::string_view bytes, std::string_view beginning) {
  return beginning.starts_with(bytes.substr(0, beginning.size()));
}

// -- version 1 ----------------------------------------------------------------

std::optional<uint16_t> parse_port(std::string_view x) {
  if (x.size() > 1 && x.front() == '0')
    return std::nullopt;
  return base::parse_number<uint16_t>(x);
}

std::optional<ip::address> parse_address(std::string_view x, bool is_v6) {
  boost::system::error_code ec;
  auto result = ip::make_address(x, ec);
  if (ec || result.is_v6() != is_v6 || x.find('%') != x.npos)
    return std::nullopt;
  return result;
}

/// Parses the part of the line after `PROXY TCP4 ` or `PROXY TCP6 `.
std::optional<tcp::endpoint> parse_ends(std::string_view x, bool is_v6) {
  auto from = parse_address(base::split_off(x, ' '), is_v6);
  auto to = parse_address(base::split_off(x, ' '), is_v6);
  auto from_port = parse_port(base::split_off(x, ' '));
  auto to_port = parse_port(x);
  if (!from || !to || !from_port || !to_port)
    return std::nullopt;
  return tcp::endpoint{*from, *from_port};
}

proxy_header parse_line(std::string_view bytes) {
  auto end = bytes.substr(0, max_line).find("\r\n");
  if (end == bytes.npos)
    return bytes.size() < max_line ? proxy_header{} : invalid;
  auto line = bytes.substr(version_1.size(), end - version_1.size());
  proxy_header result{state::complete, end + 2};
  auto protocol = base::split_off(line, ' ');
  if (protocol == "UNKNOWN")
    return result;
  if (protocol == "TCP4" || protocol == "TCP6")
    result.client = parse_ends(line, protocol == "TCP6");
  return result.client ? result : invalid;
}

// -- version 2 ----------------------------------------------------------------

uint16_t read_number(std::string_view bytes) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) << 8
                               | static_cast<uint8_t>(bytes[1]));
}

template <class Address>
Address read_address(std::string_view bytes) {
  typename Address::bytes_type result;
  std::copy_n(bytes.begin(), result.size(), result.begin());
  return Address{result};
}

/// Parses both addresses, then both ports; extensions follow.
/// @returns nothing if `bytes` is too short.
template <class Address>
std::optional<tcp::endpoint> read_ends(std::string_view bytes) {
  constexpr auto size = std::tuple_size_v<typename Address::bytes_type>;
  if (bytes.size() < 2 * size + 4)
    return std::nullopt;
  return tcp::endpoint{read_address<Address>(bytes),
                       read_number(bytes.substr(2 * size))};
}

proxy_header parse_binary(std::string_view bytes) {
  enum : uint8_t { local = 0x20, proxied = 0x21 };
  enum : uint8_t {
    unknown = 0x00,
    tcp4 = 0x11,
    tcp6 = 0x21,
    local_socket = 0x31
  };
  if (bytes.size() < binary_head_size)
    return {};
  auto command = static_cast<uint8_t>(bytes[12]);
  auto family = static_cast<uint8_t>(bytes[13]);
  auto size = binary_head_size + read_number(bytes.substr(14));
  if ((command != local && command != proxied) || size > proxy_header::max_size)
    return invalid;
  if (bytes.size() < size)
    return {};
  proxy_header result{state::complete, size};
  if (command == local || family == unknown || family == local_socket)
    return result;
  auto ends = bytes.substr(binary_head_size, size - binary_head_size);
  if (family == tcp4)
    result.client = read_ends<ip::address_v4>(ends);
  else if (family == tcp6)
    result.client = read_ends<ip::address_v6>(ends);
  return result.client ? result : invalid;
}

} // namespace

proxy_header parse_proxy_header(std::string_view bytes) {
  if (bytes.starts_with(signature))
    return parse_binary(bytes);
  if (bytes.starts_with(version_1))
    return parse_line(bytes);
  if (may_become(bytes, signature) || may_become(bytes, version_1))
    return {};
  return invalid;
}

} // namespace troupe::net
