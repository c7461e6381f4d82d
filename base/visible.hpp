#pragma once

#include <string>
#include <string_view>

namespace troupe::base {

/// Returns `text` in a form that is safe in a log line. Control and format
/// characters, which could end the line, control a terminal, change the reading
/// order or be invisible, are replaced by escapes: `\x1b` below 128, `\u{202e}`
/// above. Bytes that are not UTF-8 become `\xff`.
std::string visible(std::string_view text);

} // namespace troupe::base
