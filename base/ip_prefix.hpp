#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Networks of IP addresses, as written in options.
namespace troupe::base {

using ip_address = boost::asio::ip::address;

/// Returns an IPv4-mapped address as IPv4, and any other address unchanged.
/// Sockets that accept both protocols report IPv4 peers in mapped form.
ip_address unmapped(const ip_address& x);

/// Parses a numeric address, without brackets and zone.
/// @returns the unmapped address; nothing if `x` has another form.
std::optional<ip_address> parse_ip(std::string_view x);

/// The addresses that begin with the same bits (RFC 4632 section 3.1).
class ip_prefix {
public:
  /// Parses `10.0.0.0/8`, `2001:db8::/32`, or an address, which stands for
  /// itself.
  /// @returns nothing if `x` has another form, or bits beyond the prefix.
  static std::optional<ip_prefix> parse(std::string_view x);

  /// @param x unmapped.
  bool contains(const ip_address& x) const noexcept;

private:
  ip_prefix(ip_address base, unsigned bits)
    : base_{std::move(base)},
      bits_{bits} {
  }

  ip_address base_;
  unsigned bits_;
};

using ip_prefixes = std::vector<ip_prefix>;

/// Parses a list. Entries that are not prefixes are ignored.
ip_prefixes parse_prefixes(const std::vector<std::string>& xs);

/// Returns whether any prefix contains `x`.
bool contains(const ip_prefixes& xs, const ip_address& x) noexcept;

} // namespace troupe::base
