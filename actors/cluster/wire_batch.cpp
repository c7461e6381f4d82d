#include "actors/cluster/wire_batch.hpp"

#include "actors/cluster/remote_text.hpp"

#include <optional>
#include <utility>

namespace troupe::actors {

namespace {

enum record : char { header = 1, message = 2 };

constexpr size_t sender_size = 8;
constexpr size_t length_size = 4;

void put(std::string& out, uint64_t number, size_t size) {
  for (; size > 0; --size, number >>= 8)
    out += static_cast<char>(number & 0xff);
}

/// Removes a number from the front of `in`.
std::optional<uint64_t> take_number(std::string_view& in, size_t size) {
  if (in.size() < size)
    return {};
  uint64_t result = 0;
  for (auto i = size; i > 0; --i)
    result = result << 8 | static_cast<uint8_t>(in[i - 1]);
  in.remove_prefix(size);
  return result;
}

bool may_cross(uint64_t kind) {
  return kind <= static_cast<uint64_t>(recipient::kind::room)
         && kind != static_cast<uint64_t>(recipient::kind::any);
}

std::optional<recipient> take_address(std::string_view& in) {
  auto kind = take_number(in, 1);
  auto size = take_number(in, length_size);
  if (!kind || !may_cross(*kind) || !size || *size > in.size())
    return {};
  recipient result{static_cast<recipient::kind>(*kind),
                   std::string{in.substr(0, *size)}};
  in.remove_prefix(*size);
  return result;
}

} // namespace

void wire_batch_writer::add(const recipient& to, uint64_t sender,
                            const frame& message) {
  if (count_ == 0 || to != last_) {
    bytes_ += static_cast<char>(record::header);
    put(bytes_, static_cast<uint64_t>(to.what), 1);
    put(bytes_, to.name.size(), length_size);
    bytes_ += to.name;
    last_ = to;
  }
  bytes_ += static_cast<char>(record::message);
  put(bytes_, sender, sender_size);
  bytes_ += message.wire().bytes;
  ++count_;
}

std::string wire_batch_writer::take() {
  count_ = 0;
  return std::exchange(bytes_, {});
}

bool read_wire_batch(
  const std::shared_ptr<const std::string>& bytes,
  const std::function<void(const recipient&, batch::entry)>& f) {
  std::string_view in = *bytes;
  std::shared_ptr<const char[]> owner{bytes, bytes->data()};
  std::optional<recipient> to;
  auto is_sound_recipient = false;
  while (!in.empty()) {
    auto kind = in.front();
    in.remove_prefix(1);
    if (kind == record::header) {
      to = take_address(in);
      if (!to)
        return false;
      is_sound_recipient = is_sound_name(to->name);
    } else if (kind == record::message && to) {
      auto sender = take_number(in, sender_size);
      if (!sender)
        return false;
      auto x = frame::from_wire(owner, in);
      if (!x)
        return false;
      in.remove_prefix(x->wire().bytes.size());
      if (is_sound_recipient && is_sound(*x))
        f(*to, {std::move(*x), *sender, false, true});
    } else {
      return false;
    }
  }
  return true;
}

} // namespace troupe::actors
