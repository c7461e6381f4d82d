#include "actors/member_list.hpp"

#include <utility>

namespace troupe::actors {

void member_list::add(member x) {
  if (size_ % block_size == 0)
    blocks_.push_back(std::make_shared<block>());
  writable(blocks_.size() - 1).push_back(std::move(x));
  ++size_;
}

void member_list::remove(size_t i) {
  auto& last = writable(blocks_.size() - 1);
  if (i + 1 < size_)
    writable(i / block_size)[i % block_size] = std::move(last.back());
  last.pop_back();
  if (last.empty())
    blocks_.pop_back();
  --size_;
}

auto member_list::writable(size_t index) -> block& {
  make_unique(blocks_[index]);
  return *blocks_[index];
}

} // namespace troupe::actors
