#pragma once

#include "troupe/one_shot.hpp"
#include "troupe/reply.hpp"

#include <type_traits>
#include <utility>

namespace troupe {

/// What `responder` has in common for all types of values.
class responder_base {
public:
  /// Refuses the request.
  void refuse(refusal why) const {
    give_(to_outcome(std::move(why)));
  }

  /// Returns whether nobody waits for the answer any more. It has no effect
  /// then.
  bool is_gone() const noexcept {
    return give_.is_gone();
  }

protected:
  responder_base() = default;

  explicit responder_base(one_shot<outcome> give) : give_(std::move(give)) {
  }

  ~responder_base() = default;
  responder_base(const responder_base&) = default;
  responder_base(responder_base&&) = default;
  responder_base& operator=(const responder_base&) = default;
  responder_base& operator=(responder_base&&) = default;

  one_shot<outcome> give_;
};

/// A handle by which a handler answers one request, at once or later: the last
/// parameter of the handler. Copies are handles to the same request; only the
/// first call of `answer` or `refuse` has an effect. When the last copy is
/// destroyed without either call, the request is refused with `no_answer`. If
/// the handler throws, it is refused with `failed`. Thread-safe; may be sent to
/// actors of the same process.
/// @tparam T  a type that `to_wire` takes, or `void` for answers without a
///            value.
template <class T>
class responder : public responder_base {
public:
  static_assert(detail::is_sendable<T>(),
                "A troupe::responder answers with a value that emit takes, or "
                "with void.");

  /// Creates a handle without a request, which ignores calls.
  responder() = default;

  /// Creates a handle to a request. Programs need this for tests only.
  /// @param give  see `make_outcome_handle`.
  explicit responder(one_shot<outcome> give) : responder_base(std::move(give)) {
  }

  /// Answers the request with `x`. A value that cannot be encoded refuses it
  /// with `failed`. Passes on exceptions from a `to_json` function.
  void answer(const T& x) const {
    try {
      give_(to_outcome(x));
    } catch (...) {
      give_(troupe::refuse("failed"));
      throw;
    }
  }
};

/// A handle by which a handler answers one request that expects no value.
template <>
class responder<void> : public responder_base {
public:
  /// Creates a handle without a request, which ignores calls.
  responder() = default;

  /// Creates a handle to a request. Programs need this for tests only.
  /// @param give  see `make_outcome_handle`.
  explicit responder(one_shot<outcome> give) : responder_base(std::move(give)) {
  }

  /// Answers the request.
  void answer() const {
    give_(to_outcome());
  }
};

} // namespace troupe
