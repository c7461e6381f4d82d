#include "net/wire/deflate_offer.hpp"

#include "base/ascii.hpp"
#include "base/number.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace troupe::net {

namespace {

constexpr std::string_view window_of_server = "server_max_window_bits";

struct parameter {
  std::string name;
  std::optional<std::string> value;
};

using parameters = std::vector<parameter>;

struct extension {
  std::string name;
  parameters with;
};

/// Parser for extension-list in RFC 6455 section 9.1.
class scanner {
public:
  explicit scanner(std::string_view text) : text_{text} {
  }

  void skip_blanks() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t'))
      text_.remove_prefix(1);
  }

  /// Consumes `x` and surrounding blanks if `x` is next.
  bool take(char x) {
    skip_blanks();
    if (text_.empty() || text_.front() != x)
      return false;
    text_.remove_prefix(1);
    skip_blanks();
    return true;
  }

  bool at_end() {
    skip_blanks();
    return text_.empty();
  }

  /// Consumes a token.
  /// @returns an empty string if there is none.
  std::string token() {
    auto end = std::find_if_not(text_.begin(), text_.end(),
                                base::is_token_char);
    std::string result{text_.begin(), end};
    text_.remove_prefix(result.size());
    return result;
  }

  /// Consumes a token or a quoted string that contains a token.
  std::string value() {
    if (text_.empty() || text_.front() != '"')
      return token();
    std::string result;
    for (size_t i = 1; i < text_.size(); ++i) {
      if (text_[i] == '"') {
        text_.remove_prefix(i + 1);
        return base::is_token(result) ? result : std::string{};
      }
      if (text_[i] == '\\' && ++i == text_.size())
        break;
      result += text_[i];
    }
    return {};
  }

private:
  std::string_view text_;
};

/// Reads 8 to 15 without leading zeros (RFC 7692 section 7.1.2).
std::optional<int> to_window_bits(std::string_view x) {
  auto bits = x.starts_with('0') ? std::nullopt : base::parse_number<int>(x);
  return bits && *bits >= 8 && *bits <= 15 ? bits : std::nullopt;
}

bool can_be_served(const parameter& x) {
  if (x.name == "server_no_context_takeover"
      || x.name == "client_no_context_takeover")
    return !x.value;
  if (x.name == "client_max_window_bits")
    return !x.value || to_window_bits(*x.value);
  return x.name == window_of_server && x.value
         && to_window_bits(*x.value).value_or(8) > 8; // zlib's least is 9
}

bool can_be_served(const parameters& xs) {
  for (auto i = xs.begin(); i != xs.end(); ++i) {
    auto is_same = [i](const parameter& x) { return x.name == i->name; };
    if (!can_be_served(*i) || std::any_of(xs.begin(), i, is_same))
      return false;
  }
  return true;
}

/// @pre the parameters can be served.
deflate_terms to_terms(const parameters& xs) {
  for (const auto& x : xs)
    if (x.name == window_of_server)
      return {*to_window_bits(*x.value), true};
  return {};
}

/// Consumes the parameters of an extension.
/// @returns nothing if they violate the grammar.
std::optional<parameters> read_parameters(scanner& from) {
  parameters result;
  while (from.take(';')) {
    parameter x{from.token(), {}};
    if (x.name.empty())
      return std::nullopt;
    if (from.take('=')) {
      x.value = from.value();
      if (x.value->empty())
        return std::nullopt;
    }
    result.push_back(std::move(x));
  }
  return result;
}

/// Calls `f(extension)` for each element until it returns true.
/// @returns false if what was read violates the grammar.
template <class F>
bool find_extension(std::string_view list, F f) {
  scanner from{list};
  while (!from.at_end()) {
    if (from.take(','))
      continue; // RFC 9110 section 5.6.1: elements may be empty
    auto name = from.token();
    auto with = read_parameters(from);
    if (name.empty() || !with || (!from.at_end() && !from.take(',')))
      return false;
    if (f(extension{std::move(name), std::move(*with)}))
      return true;
  }
  return true;
}

} // namespace

std::string deflate_terms::answer() const {
  std::string result{
    "permessage-deflate; server_no_context_takeover; "
    "client_no_context_takeover"};
  if (is_window_asked_for)
    result.append("; ")
      .append(window_of_server)
      .append("=")
      .append(std::to_string(window_bits));
  return result;
}

bool is_extension_list(std::string_view fields) {
  return find_extension(fields, [](const extension&) { return false; });
}

std::optional<deflate_terms> accept_deflate(std::string_view fields) {
  std::optional<deflate_terms> result;
  find_extension(fields, [&result](const extension& x) {
    if (x.name == "permessage-deflate" && can_be_served(x.with))
      result = to_terms(x.with);
    return result.has_value();
  });
  return result;
}

} // namespace troupe::net
