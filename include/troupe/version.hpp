#pragma once

#include <string_view>

/// Version of troupe (Semantic Versioning), for use in `#if`. CMake reads the
/// version of the project and its package from these lines.
#define TROUPE_VERSION_MAJOR 0
#define TROUPE_VERSION_MINOR 1
#define TROUPE_VERSION_PATCH 0

#define TROUPE_DETAIL_TEXT_OF(x) #x
#define TROUPE_DETAIL_TEXT(x) TROUPE_DETAIL_TEXT_OF(x)

namespace troupe {

/// Version of troupe as text, such as "1.2.3".
inline constexpr std::string_view version
  = TROUPE_DETAIL_TEXT(TROUPE_VERSION_MAJOR)   //
  "." TROUPE_DETAIL_TEXT(TROUPE_VERSION_MINOR) //
  "." TROUPE_DETAIL_TEXT(TROUPE_VERSION_PATCH);

} // namespace troupe

#undef TROUPE_DETAIL_TEXT
#undef TROUPE_DETAIL_TEXT_OF
