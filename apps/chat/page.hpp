#pragma once

#include <troupe/app.hpp>

namespace chat {

/// Serves the page at `/`. Its files are compiled in.
void serve_page(troupe::app& app);

} // namespace chat
