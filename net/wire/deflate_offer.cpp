#include "net/wire/deflate_offer.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace troupe::net {

namespace {

struct parameter {
  std::string name;
  std::optional<std::string> value;
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

/// Returns whether `x` is 8 to 15 without leading zeros (RFC 7692 section
/// 7.1.2).
bool is_window_size(std::string_view x) {
  return x == "8" || x == "9"
         || (x.size() == 2 && x[0] == '1' && x[1] >= '0' && x[1] <= '5');
}

bool can_be_served(const parameter& x) {
  if (x.name == "server_no_context_takeover"
      || x.name == "client_no_context_takeover")
    return !x.value;
  if (x.name == "client_max_window_bits")
    return !x.value || is_window_size(*x.value);
  return x.name == "server_max_window_bits" && x.value && *x.value == "15";
}

bool can_be_served(const std::vector<parameter>& xs) {
  for (auto i = xs.begin(); i != xs.end(); ++i) {
    auto is_same = [i](const parameter& x) { return x.name == i->name; };
    if (!can_be_served(*i) || std::any_of(xs.begin(), i, is_same))
      return false;
  }
  return true;
}

/// Consumes the parameters of an extension.
/// @returns nothing if they violate the grammar.
std::optional<std::vector<parameter>> read_parameters(scanner& from) {
  std::vector<parameter> result;
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

} // namespace

bool offers_deflate(std::string_view offers) {
  scanner from{offers};
  while (!from.at_end()) {
    if (from.take(','))
      continue; // RFC 9110 section 5.6.1: elements may be empty
    auto name = from.token();
    auto parameters = read_parameters(from);
    if (name.empty() || !parameters)
      return false;
    if (!from.at_end() && !from.take(','))
      return false;
    if (name == "permessage-deflate" && can_be_served(*parameters))
      return true;
  }
  return false;
}

} // namespace troupe::net
