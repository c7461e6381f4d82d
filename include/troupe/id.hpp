#pragma once

#include <caf/node_id.hpp>

#include <string>
#include <string_view>

/// @file
///
/// Default ids of connections: `<uuid>@<node>`, such as `3f1c...-...@0a1b2c3d`
/// (C1). The id tells any node where the connection lives.
namespace troupe {

/// Returns the name of the node in a default id.
/// @returns 8 hexadecimal digits, a part of `id`; empty if `id` is not of the
///          default form, even if it contains '@'.
std::string_view node_of(std::string_view id) noexcept;

/// Returns the name of `node` as it appears in default ids: 8 hexadecimal
/// digits.
std::string node_name(const caf::node_id& node);

} // namespace troupe
