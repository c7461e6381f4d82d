#pragma once

#include <string>
#include <string_view>

namespace troupe::base {

/// UTF-8 that may stand in a line of a log: what would end the line, what would
/// play with a terminal (C0, DEL, C1) or with the order in which the line is
/// read, and what cannot be seen is shown by its number, as `\x1b` below 128
/// and
/// `\u{202e}` beyond; bytes that are no UTF-8 as `\xff`.
std::string visible(std::string_view text);

} // namespace troupe::base
