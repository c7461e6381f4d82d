#pragma once

#include "troupe/event_type.hpp"

#include <caf/error.hpp>

#include <type_traits>

namespace troupe {

/// Adds `emit` to a class that has a member function
/// `caf::error emit_wire(std::string_view event, const wire_value& data)`.
///
/// The name of an event is either a literal, which the compiler checks, or
/// computed at run time. In the latter case the result must not be ignored,
/// since an event with an invalid name is not sent.
///
/// Errors: errc::invalid_event_name for a name computed at run time;
/// errc::invalid_value for data without a representation on the wire (see
/// `to_wire`); and, for events that a connection sends, errc::outside_callback.
template <class Derived>
class emit_mixin {
public:
  /// Sends an event without data.
  caf::error emit(event_literal event) {
    return self().emit_wire(event.get(), to_wire());
  }

  /// Sends an event without data, whose name is computed at run time.
  [[nodiscard]] caf::error emit(dynamic_name event) {
    return self().emit_wire(event.get(), to_wire());
  }

  /// Sends an event with `data`.
  template <class T>
  caf::error emit(event_literal event, const T& data) {
    return self().emit_wire(event.get(), to_wire(data));
  }

  /// Sends an event with `data`, whose name is computed at run time.
  template <class T>
  [[nodiscard]] caf::error emit(dynamic_name event, const T& data) {
    return self().emit_wire(event.get(), to_wire(data));
  }

  /// Sends an event with `data` of the type of `event`.
  template <class T>
  caf::error emit(event_type<T> event, const std::type_identity_t<T>& data) {
    return emit(event.name(), data);
  }

  /// Sends an event without data.
  caf::error emit(event_type<> event) {
    return emit(event.name());
  }

private:
  Derived& self() noexcept {
    return static_cast<Derived&>(*this);
  }
};

} // namespace troupe
