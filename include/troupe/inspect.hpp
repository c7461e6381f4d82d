#pragma once

#include <caf/meta/type_name.hpp>

/// Lets CAF read and write a message: defines `inspect`, in the namespace of
/// the struct. Members are named as those of `x`:
///
///     struct seated { std::string name; int seat; };
///     TROUPE_INSPECT(my_game, seated, x.name, x.seat)
#define TROUPE_INSPECT(scope, type, ...)                                       \
  template <class Inspector>                                                   \
  typename Inspector::result_type inspect(Inspector& f,                        \
                                          [[maybe_unused]] type& x) {          \
    return f(caf::meta::type_name(#scope "::" #type) __VA_OPT__(, )            \
               __VA_ARGS__);                                                   \
  }
