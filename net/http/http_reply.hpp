#pragma once

#include <ostream> // what the next one forgets (Boost 1.81)

#include <boost/beast/http/status.hpp>

#include <string>
#include <string_view>

namespace troupe::net {

/// Begins a reply, also of a status that Beast has no name for: the status
/// line, Date and Server. Header lines of one's own, then an empty line follow.
std::string begin_reply(boost::beast::http::status status);

/// The header lines of plain text, and those that keep browsers from guessing.
std::string text_fields(size_t size);

} // namespace troupe::net
