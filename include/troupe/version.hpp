#pragma once

#include <string_view>

/// The version of troupe (Semantic Versioning), for `#if`. CMake reads these
/// three lines: the version of the project and of its package follow from them.
#define TROUPE_VERSION_MAJOR 0
#define TROUPE_VERSION_MINOR 1
#define TROUPE_VERSION_PATCH 0

#define TROUPE_DETAIL_TEXT_OF(x) #x
#define TROUPE_DETAIL_TEXT(x) TROUPE_DETAIL_TEXT_OF(x)

namespace troupe {

/// The version as text, such as "1.2.3".
inline constexpr std::string_view version
  = TROUPE_DETAIL_TEXT(TROUPE_VERSION_MAJOR)   //
  "." TROUPE_DETAIL_TEXT(TROUPE_VERSION_MINOR) //
  "." TROUPE_DETAIL_TEXT(TROUPE_VERSION_PATCH);

} // namespace troupe

#undef TROUPE_DETAIL_TEXT
#undef TROUPE_DETAIL_TEXT_OF
