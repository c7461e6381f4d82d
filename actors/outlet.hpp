#pragma once

#include "troupe/config.hpp"
#include "troupe/emitter.hpp"
#include "troupe/frame.hpp"

#include <string>

namespace troupe::actors {

/// Where an `emitter` leads: a connection, or the server in its own name.
class outlet {
public:
  virtual ~outlet() = default;

  virtual const config& settings() const noexcept = 0;

  virtual void send_to(audience whom, const std::string& name, frame message)
    = 0;
};

} // namespace troupe::actors
