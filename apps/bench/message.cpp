#include "message.hpp"

#include <array>
#include <stdexcept>

namespace troupe::bench {

namespace {

/// Appends the header of a frame without the mask.
void append_header(std::string& out, frame_type type, std::size_t size,
                   std::uint8_t mask_bit) {
  auto put = [&out](std::uint64_t x) { out += static_cast<char>(x & 0xff); };
  put(static_cast<std::uint8_t>(type));
  auto length_bytes = 0;
  if (size < 126) {
    put(mask_bit | size);
  } else {
    length_bytes = size < 65536 ? 2 : 8;
    put(mask_bit | (length_bytes == 2 ? 126 : 127));
  }
  for (auto i = length_bytes; i > 0; --i)
    put(size >> (8 * (i - 1)));
}

affixes affixes_of(dialect form) {
  switch (form) {
    case dialect::socket_io:
      return {R"(42["m",")", R"(42["m",")", R"("])"};
    case dialect::socket_io_ack:
      return {R"(421["m",")", R"(431[")", R"("])"};
    case dialect::troupe_2:
      return {"q1;;m;0;", "a1;0;", ""};
    default:
      return {};
  }
}

} // namespace

void frame_writer::append(std::string& out, frame_type type,
                          std::string_view payload) {
  append_header(out, type, payload.size(), 0x80);
  std::array<char, 4> mask;
  auto random = static_cast<std::uint32_t>(masks_());
  std::memcpy(mask.data(), &random, mask.size());
  out.append(mask.data(), mask.size());
  auto first = out.size();
  out += payload;
  for (auto i = std::size_t{0}; i < payload.size(); ++i)
    out[first + i] = static_cast<char>(out[first + i] ^ mask[i % 4]);
}

message_format::message_format(std::size_t size, dialect form)
  : size_{size},
    affixes_{affixes_of(form)} {
  if (size < min_size)
    throw std::invalid_argument{"a payload has at least 16 bytes"};
  auto prefix = affixes_.server_prefix;
  append_header(header_, frame_type::text,
                prefix.size() + size + affixes_.suffix.size(), 0);
  header_ += prefix;
  // Letters, digits and some signs, none of which needs an escape in a dialect.
  std::minstd_rand random;
  for (auto i = std::size_t{0}; i < size + shifts; ++i)
    pattern_ += static_cast<char>('#' + random() % ('[' - '#'));
}

void message_format::write(std::string& out, std::uint32_t sender,
                           std::uint32_t seq) const {
  out = affixes_.client_prefix;
  auto head = std::array{letters(sender), letters(seq)};
  out.append(reinterpret_cast<const char*>(head.data()), min_size);
  out.append(padding(sender, seq), size_ - min_size);
  out += affixes_.suffix;
}

} // namespace troupe::bench
