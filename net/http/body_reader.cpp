#include "net/http/body_reader.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace troupe::net {

namespace {

constexpr std::string_view line_end = "\r\n";

/// Maximum size of a line of the chunked coding.
constexpr size_t max_line = 4096;

/// Maximum size of all extensions and trailer fields of a body.
constexpr size_t max_ignored = 8192;

constexpr size_t most_digits = 16; // of 64 bits

bool is_text(std::string_view x) {
  return std::ranges::all_of(x, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
  });
}

/// Returns whether `x`, what follows the size of a chunk, is a list of
/// extensions (RFC 9112 section 7.1.1), or nothing.
bool is_extension(std::string_view x) {
  return x.empty() || base::trim(x).starts_with(';');
}

/// Returns the size at the beginning of `line` and removes it.
std::optional<uint64_t> take_size(std::string_view& line) {
  uint64_t result = 0;
  const auto* begin = line.data();
  auto [end, ec] = std::from_chars(begin, begin + line.size(), result, 16);
  auto digits = static_cast<size_t>(end - begin);
  if (ec != std::errc{} || digits > most_digits)
    return std::nullopt;
  line.remove_prefix(digits);
  return result;
}

} // namespace

body_reader::body_reader(std::optional<uint64_t> size, size_t max_size,
                         fair_budget::share memory)
  : max_size_{max_size},
    memory_{std::move(memory)},
    part_{size ? part::data : part::chunk_size} {
  if (size && begin_data(*size) && *size == 0)
    end(body_state::complete);
}

size_t body_reader::consume(std::string_view input) {
  auto rest = input;
  while (state_ == body_state::incomplete && advance(rest))
    ;
  return input.size() - rest.size();
}

/// @returns whether there may be more to read.
bool body_reader::advance(std::string_view& rest) {
  switch (part_) {
    case part::chunk_size:
      return read_chunk_size(rest);
    case part::chunk_end:
      return read_chunk_end(rest);
    case part::trailer:
      return read_trailer(rest);
    default:
      return read_data(rest);
  }
}

bool body_reader::read_chunk_size(std::string_view& rest) {
  auto line = take_line(rest);
  if (!line)
    return false;
  auto size = take_size(*line);
  if (!size || !is_extension(*line))
    return end(body_state::malformed);
  part_ = *size == 0 ? part::trailer : part::chunk_data;
  return note_ignored(line->size()) && begin_data(*size);
}

bool body_reader::read_chunk_end(std::string_view& rest) {
  if (rest.size() < line_end.size() && line_end.starts_with(rest))
    return false;
  if (!rest.starts_with(line_end))
    return end(body_state::malformed);
  rest.remove_prefix(line_end.size());
  part_ = part::chunk_size;
  return true;
}

bool body_reader::read_trailer(std::string_view& rest) {
  auto line = take_line(rest);
  if (!line)
    return false;
  if (line->empty())
    return end(body_state::complete);
  auto size = line->size();
  auto has_colon = line->find(':') != line->npos;
  if (!has_colon || !base::is_token(base::split_off(*line, ':')))
    return end(body_state::malformed);
  return note_ignored(size);
}

bool body_reader::read_data(std::string_view& rest) {
  auto size = static_cast<size_t>(std::min<uint64_t>(left_, rest.size()));
  if (!memory_.grow(size))
    return end(body_state::no_memory);
  body_.append(rest.substr(0, size));
  rest.remove_prefix(size);
  left_ -= size;
  if (left_ > 0)
    return false;
  if (part_ == part::data)
    return end(body_state::complete);
  part_ = part::chunk_end;
  return true;
}

bool body_reader::begin_data(uint64_t size) {
  if (size > max_size_ - body_.size())
    return end(body_state::too_large);
  left_ = size;
  return true;
}

/// @returns the next line without its end; nothing if it is incomplete or
///          invalid.
std::optional<std::string_view> body_reader::take_line(std::string_view& rest) {
  auto size = rest.find(line_end);
  auto line = rest.substr(0, size);
  auto is_half = size == rest.npos && line.ends_with('\r');
  if (line.size() > max_line
      || !is_text(line.substr(0, line.size() - is_half))) {
    end(body_state::malformed);
    return std::nullopt;
  }
  if (size == rest.npos)
    return std::nullopt;
  rest.remove_prefix(size + line_end.size());
  return line;
}

bool body_reader::note_ignored(size_t size) {
  ignored_ += size;
  return ignored_ <= max_ignored || end(body_state::malformed);
}

/// @returns false.
bool body_reader::end(body_state how) noexcept {
  state_ = how;
  return false;
}

} // namespace troupe::net
