#include "text.hpp"

#include "protocol.hpp"

#include <algorithm>
#include <cwctype>
#include <locale.h>
#include <optional>

namespace chat {

namespace {

// -- UTF-8 --------------------------------------------------------------------

/// @returns nothing if `bytes` is not UTF-8 (RFC 3629).
std::optional<std::u32string> decode(std::string_view bytes) {
  constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
  std::u32string res;
  for (size_t i = 0; i < bytes.size();) {
    auto lead = static_cast<unsigned char>(bytes[i++]);
    size_t more = lead < 0x80   ? 0
                  : lead < 0xc0 ? 4
                  : lead < 0xe0 ? 1
                  : lead < 0xf0 ? 2
                  : lead < 0xf8 ? 3
                                : 4;
    if (more == 4 || bytes.size() - i < more)
      return std::nullopt;
    char32_t ch = more == 0 ? lead : lead & (0x3fu >> more);
    for (size_t k = 0; k < more; ++k) {
      auto next = static_cast<unsigned char>(bytes[i++]);
      if ((next & 0xc0) != 0x80)
        return std::nullopt;
      ch = (ch << 6) | (next & 0x3f);
    }
    if (ch < least[more] || ch > 0x10ffff || (ch >= 0xd800 && ch <= 0xdfff))
      return std::nullopt;
    res += ch;
  }
  return res;
}

std::string encode(std::u32string_view text) {
  constexpr char32_t lead[] = {0, 0xc0, 0xe0, 0xf0};
  std::string res;
  auto put = [&](char32_t x) { res += static_cast<char>(x); };
  for (auto ch : text) {
    int more = ch < 0x80 ? 0 : ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;
    put(lead[more] | ch >> 6 * more);
    while (more-- > 0)
      put(0x80 | (ch >> 6 * more & 0x3f));
  }
  return res;
}

// -- classes of characters ----------------------------------------------------

/// Returns a locale with Unicode's tables, independent of the program's locale;
/// null if the system has none, in which case only ASCII is supported.
locale_t unicode() {
  static const auto res = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
  return res;
}

char32_t lower(char32_t ch) {
  if (ch < 0x80 || !unicode())
    return ch >= 'A' && ch <= 'Z' ? ch + 32 : ch;
  return static_cast<char32_t>(towlower_l(static_cast<wint_t>(ch), unicode()));
}

bool is_word(char32_t ch) {
  if (ch < 0x80 || !unicode())
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
  return iswalnum_l(static_cast<wint_t>(ch), unicode()) != 0;
}

bool is_control(char32_t ch) {
  return ch < 0x20 || (ch >= 0x7f && ch < 0xa0);
}

bool is_blank(char32_t ch) {
  return ch == ' ' || (ch >= '\t' && ch <= '\r') || ch == 0xa0 || ch == 0x1680
         || (ch >= 0x2000 && ch <= 0x200a) || ch == 0x2028 || ch == 0x2029
         || ch == 0x202f || ch == 0x205f || ch == 0x3000;
}

/// Joiners and variation selectors in emoji and some scripts.
bool is_joiner(char32_t ch) {
  return ch == 0x200c || ch == 0x200d || (ch >= 0xfe00 && ch <= 0xfe0f);
}

/// Returns whether `ch` is invisible or changes the direction of text, which
/// would allow imitating other nicknames.
bool is_hidden(char32_t ch) {
  return is_control(ch) || ch == 0xad || ch == 0x34f || ch == 0x61c
         || ch == 0x115f || ch == 0x1160 || ch == 0x17b4 || ch == 0x17b5
         || (ch >= 0x180b && ch <= 0x180f) || ch == 0x200b || ch == 0x200e
         || ch == 0x200f || (ch >= 0x202a && ch <= 0x202e)
         || (ch >= 0x2060 && ch <= 0x206f) || ch == 0x2800 || ch == 0x3164
         || ch == 0xfeff || ch == 0xffa0 || (ch >= 0xfff0 && ch <= 0xfffb)
         || (ch >= 0xe000 && ch <= 0xf8ff) || (ch & 0xfffe) == 0xfffe
         || ch >= 0xe0000;
}

std::u32string trim(std::u32string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return std::u32string{text};
}

/// Replaces each run of blanks by `with`.
std::u32string join_blanks(std::u32string_view text, char32_t with) {
  std::u32string res;
  for (auto ch : text)
    if (!is_blank(ch))
      res += ch;
    else if (res.empty() || res.back() != with)
      res += with;
  return res;
}

checked fit(std::string value) {
  return {std::move(value), {}};
}

checked unfit(std::string problem) {
  return {{}, std::move(problem)};
}

const char* const no_utf8 = "This text is not valid UTF-8.";

} // namespace

checked check_nick(std::string_view raw) {
  auto text = decode(raw);
  if (!text)
    return unfit(no_utf8);
  auto nick = join_blanks(trim(*text), ' ');
  if (std::all_of(nick.begin(), nick.end(), is_joiner))
    return unfit("Please enter a nickname.");
  if (nick.size() > max_nick)
    return unfit("A nickname has at most " + std::to_string(max_nick)
                 + " characters.");
  if (std::any_of(nick.begin(), nick.end(), is_hidden))
    return unfit("A nickname must not contain invisible characters.");
  return fit(encode(nick));
}

std::string distinct_nick(std::string_view nick, std::string_view mark) {
  auto text = decode(nick).value_or(U"");
  text = trim(text.substr(0, max_nick - 1 - mark.size()));
  return encode(text) + '~' + std::string{mark};
}

checked check_room(std::string_view raw) {
  auto text = decode(raw);
  if (!text)
    return unfit(no_utf8);
  auto name = join_blanks(trim(*text), '-');
  name.erase(0, std::min(name.find_first_not_of('#'), name.size()));
  std::transform(name.begin(), name.end(), name.begin(), lower);
  if (name.empty())
    return unfit("Please enter a name for the room.");
  if (name.size() >= max_room)
    return unfit("A room's name has at most " + std::to_string(max_room - 1)
                 + " characters.");
  auto fits = [](char32_t ch) { return is_word(ch) || ch == '-' || ch == '_'; };
  if (!std::all_of(name.begin(), name.end(), fits))
    return unfit("A room name consists of letters, digits, - and _.");
  return fit('#' + encode(name));
}

checked check_text(std::string_view raw) {
  auto text = decode(raw);
  if (!text)
    return unfit(no_utf8);
  std::erase_if(*text, [](char32_t ch) {
    return is_control(ch) && ch != '\n' && ch != '\t';
  });
  while (!text->empty() && is_blank(text->back()))
    text->pop_back();
  if (text->empty())
    return unfit("The message is empty.");
  if (text->size() > max_text)
    return unfit("A message has at most " + std::to_string(max_text)
                 + " characters.");
  return fit(encode(*text));
}

bool is_message_id(std::string_view raw) {
  auto fits = [](char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
           || (ch >= '0' && ch <= '9') || ch == '-';
  };
  return raw.size() >= 8 && raw.size() <= 40
         && std::all_of(raw.begin(), raw.end(), fits);
}

std::string fold(std::string_view nick) {
  auto text = decode(nick).value_or(std::u32string{});
  std::erase_if(text, is_joiner);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  return encode(text);
}

} // namespace chat
