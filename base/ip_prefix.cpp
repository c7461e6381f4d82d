#include "base/ip_prefix.hpp"

#include "base/number.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace troupe::base {

namespace ip = boost::asio::ip;

namespace {

/// Bits of an IPv4-mapped address before the IPv4 address.
constexpr unsigned mapped_bits = 96;

/// Returns whether the first `bits` bits of `x` and `y` are the same.
template <size_t N>
bool begin_equally(const std::array<uint8_t, N>& x,
                   const std::array<uint8_t, N>& y, unsigned bits) noexcept {
  auto whole = bits / 8;
  if (!std::equal(x.begin(), x.begin() + whole, y.begin()))
    return false;
  auto rest = bits % 8;
  return rest == 0 || ((x[whole] ^ y[whole]) >> (8 - rest)) == 0;
}

/// Returns whether all bits after the first `bits` are zero.
template <size_t N>
bool ends_with_zeros(const std::array<uint8_t, N>& x, unsigned bits) noexcept {
  for (auto i = bits; i < N * 8; ++i)
    if ((x[i / 8] >> (7 - i % 8) & 1) != 0)
      return false;
  return true;
}

bool ends_with_zeros(const ip_address& x, unsigned bits) {
  return x.is_v4() ? ends_with_zeros(x.to_v4().to_bytes(), bits)
                   : ends_with_zeros(x.to_v6().to_bytes(), bits);
}

} // namespace

ip_address unmapped(const ip_address& x) {
  if (x.is_v6() && x.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, x.to_v6());
  return x;
}

std::optional<ip_address> parse_ip(std::string_view x) {
  boost::system::error_code ec;
  auto result = ip::make_address(x, ec);
  if (ec || x.find('%') != x.npos)
    return std::nullopt;
  return unmapped(result);
}

std::optional<ip_prefix> ip_prefix::parse(std::string_view x) {
  auto slash = x.find('/');
  auto base = parse_ip(x.substr(0, slash));
  if (!base)
    return std::nullopt;
  auto bits = base->is_v4() ? 32u : 128u;
  if (slash != x.npos) {
    auto is_mapped = base->is_v4() && x.find(':') != x.npos;
    auto number = parse_number<unsigned>(x.substr(slash + 1));
    auto skipped = is_mapped ? mapped_bits : 0;
    if (!number || *number < skipped || *number - skipped > bits)
      return std::nullopt;
    bits = *number - skipped;
  }
  if (!ends_with_zeros(*base, bits))
    return std::nullopt;
  return ip_prefix{*base, bits};
}

bool ip_prefix::contains(const ip_address& x) const noexcept {
  if (x.is_v4() != base_.is_v4())
    return false;
  if (x.is_v4())
    return begin_equally(x.to_v4().to_bytes(), base_.to_v4().to_bytes(), bits_);
  return begin_equally(x.to_v6().to_bytes(), base_.to_v6().to_bytes(), bits_);
}

ip_prefixes parse_prefixes(const std::vector<std::string>& xs) {
  ip_prefixes result;
  for (const auto& x : xs)
    if (auto prefix = ip_prefix::parse(x))
      result.push_back(*prefix);
  return result;
}

bool contains(const ip_prefixes& xs, const ip_address& x) noexcept {
  return std::ranges::any_of(xs, [&](const auto& y) { return y.contains(x); });
}

} // namespace troupe::base
