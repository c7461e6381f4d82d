#include "actors/cluster/remote_text.hpp"

#include "actors/bridges.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "base/reserved_names.hpp"
#include "troupe/messages.hpp"

#include <algorithm>
#include <vector>

namespace troupe::actors {

namespace {

bool check(const msg::emit& x) {
  return is_sound(x.message);
}

bool check(const msg::publish& x) {
  return is_sound_name(x.to.name) && is_sound(x.message);
}

bool check(const msg::disconnect& x) {
  return is_utf8(x.reason);
}

bool check(const msg::join& x) {
  return is_sound_name(x.room);
}

bool check(const forward_local& x) {
  return is_sound_name(x.id) && is_sound(x.what);
}

bool check(const connection_info& x) {
  return is_sound_name(x.id);
}

bool check(const std::vector<connection_info>& xs) {
  return std::all_of(xs.begin(), xs.end(),
                     [](const connection_info& x) { return check(x); });
}

bool check(const msg::connection_up& x) {
  return is_sound_name(x.id);
}

bool check(const msg::connection_down& x) {
  return is_sound_name(x.id) && is_utf8(x.reason);
}

/// Returns whether `x` has none of these types, or is valid.
template <class... Ts>
bool has_sound(const caf::message& x) {
  return ((!x.match_elements<Ts>() || check(x.get_as<Ts>(0))) && ...);
}

} // namespace

bool is_sound_name(std::string_view x) noexcept {
  return x.size() <= max_name_size && is_utf8(x);
}

bool is_sound(const frame& x) noexcept {
  return x.is_binary() || is_utf8(x.payload());
}

bool is_sound(const caf::message& x) {
  return has_sound<forward_local, msg::emit, msg::publish, msg::disconnect,
                   msg::join, msg::connection_up, msg::connection_down,
                   connection_info, std::vector<connection_info>>(x);
}

} // namespace troupe::actors
