#pragma once

#include <caf/node_id.hpp>

#include <string>
#include <string_view>

/// The ids that connections have by default: `<uuid>@<node>`, such as
/// `3f1c...-...@0a1b2c3d` (C1). Any node can tell from one where it lives.
namespace troupe {

/// The node in a default id: 8 hexadecimal digits, a part of `id`. Empty for
/// any other id, also for one that merely holds an '@'.
std::string_view node_of(std::string_view id) noexcept;

/// How ids name a node.
std::string node_name(const caf::node_id& node);

} // namespace troupe
