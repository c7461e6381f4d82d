#pragma once

#include <caf/meta/type_name.hpp>

/// Defines `inspect` for a message type, which CAF uses for serialization and
/// for rendering. Must be placed in the namespace of the type.
///
///     struct seated { std::string name; int seat; };
///     TROUPE_INSPECT(my_game, seated, x.name, x.seat)
///
/// @param scope  the namespace, for the name of the type in text.
/// @param type   the type.
/// @param ...    its members, each as a member of `x`.
#define TROUPE_INSPECT(scope, type, ...)                                       \
  template <class Inspector>                                                   \
  typename Inspector::result_type inspect(Inspector& f,                        \
                                          [[maybe_unused]] type& x) {          \
    return f(caf::meta::type_name(#scope "::" #type) __VA_OPT__(, )            \
               __VA_ARGS__);                                                   \
  }
