#pragma once

#include <optional>
#include <string>

namespace troupe::base {

/// Returns the content of a regular file, which symbolic links may lead to.
/// Other files, such as a FIFO, are not read, since that may never end.
/// @param why  set to the reason, which begins with `path`, if the file is not
///             read.
std::optional<std::string> read_regular_file(const std::string& path,
                                             std::string& why);

} // namespace troupe::base
