#include "actors/answer_queue.hpp"

#include "actors/control_window.hpp"
#include "troupe/error.hpp"

#include <utility>

namespace troupe::actors {

bool answer_queue::begin() {
  if (open_ >= most)
    return false;
  ++open_;
  return true;
}

bool answer_queue::add(answer x) {
  auto size = size_of(x);
  auto fits = bytes_ + size <= most_bytes || bytes_ == 0;
  if (!fits) {
    // Small, and as many as there are questions.
    x = {x.number, {}, make_error(errc::no_answer, "too large to wait")};
    size = size_of(x);
  }
  bytes_ += size;
  ready_.push_back({std::move(x), size});
  return fits;
}

std::optional<answer> answer_queue::next() {
  if (ready_.empty())
    return {};
  auto x = std::move(ready_.front());
  ready_.pop_front();
  bytes_ -= x.size;
  --open_;
  return std::move(x.what);
}

} // namespace troupe::actors
