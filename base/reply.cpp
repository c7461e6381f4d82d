#include "troupe/reply.hpp"

namespace troupe {

outcome to_outcome(refusal x) {
  if (!is_refusal_code(x.code))
    x.code = "failed";
  if (!is_utf8(x.message))
    x.message.clear();
  x.retry_after = std::max(x.retry_after, caf::timespan{0});
  return x;
}

outcome to_outcome(wire_value x) {
  if (!is_encodable(x))
    return refuse("failed", "the answer has no representation in JSON");
  return x;
}

} // namespace troupe
