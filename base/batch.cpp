#include "troupe/batch.hpp"

#include <algorithm>
#include <cstring>

namespace troupe {

namespace {

slice join_frames(const std::vector<batch::entry>& entries) {
  // A single message, the common case at low load, is not copied.
  if (entries.size() == 1)
    return entries.front().message.wire();
  size_t size = 0;
  for (const auto& x : entries)
    size += x.message.wire().bytes.size();
  auto block = std::make_shared_for_overwrite<char[]>(size);
  auto* pos = block.get();
  for (const auto& x : entries) {
    auto bytes = x.message.wire().bytes;
    std::memcpy(pos, bytes.data(), bytes.size());
    pos += bytes.size();
  }
  std::string_view bytes{block.get(), size};
  return {std::move(block), bytes, static_cast<uint32_t>(entries.size())};
}

} // namespace

batch::batch(std::vector<entry> entries) {
  if (entries.empty())
    return;
  auto x = std::make_shared<data>();
  x->block = join_frames(entries);
  for (const auto& e : entries)
    if (e.skip_sender)
      x->skipped.push_back(e.from);
  std::sort(x->skipped.begin(), x->skipped.end());
  x->skipped.erase(std::unique(x->skipped.begin(), x->skipped.end()),
                   x->skipped.end());
  x->entries = std::move(entries);
  data_ = std::move(x);
}

bool batch::skips(uint64_t receiver) const noexcept {
  return data_ != nullptr
         && std::binary_search(data_->skipped.begin(), data_->skipped.end(),
                               receiver);
}

const std::vector<batch::entry>& batch::entries() const noexcept {
  static const std::vector<entry> none;
  return data_ ? data_->entries : none;
}

std::vector<slice> batch::runs_for(uint64_t receiver) const {
  std::vector<slice> runs;
  const auto* pos = data_->block.bytes.data();
  bool contiguous = false;
  for (const auto& x : data_->entries) {
    auto size = x.message.wire().bytes.size();
    if (x.skip_sender && x.from == receiver) {
      contiguous = false;
    } else if (contiguous) {
      auto& run = runs.back();
      run.bytes = {run.bytes.data(), run.bytes.size() + size};
      ++run.messages;
    } else {
      runs.push_back({data_->block.owner, {pos, size}, 1});
      contiguous = true;
    }
    pos += size;
  }
  return runs;
}

} // namespace troupe
