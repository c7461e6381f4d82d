#pragma once

namespace troupe::test {

/// Returns whether `f` throws an exception of type `E`.
template <class E, class F>
bool throws(F f) {
  try {
    f();
  } catch (const E&) {
    return true;
  }
  return false;
}

} // namespace troupe::test
