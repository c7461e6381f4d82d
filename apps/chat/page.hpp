#pragma once

#include <troupe/app.hpp>

namespace chat {

/// Serves the page, which is compiled in, at `/`.
void serve_page(troupe::app& app);

} // namespace chat
