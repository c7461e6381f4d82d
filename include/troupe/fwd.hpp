#pragma once

#include <cstdint>

namespace troupe {

class app;
class batch;
class cluster;
class connection;
class emitter;
class frame;
class listener;
class publisher;
class request;
class requester;
class runtime_config;
class server;
class upgraded;
class ws_client;

struct close_info;
struct cluster_config;
struct config;
struct event_view;
struct slice;

enum class close_code : uint16_t;
enum class errc : uint8_t;

} // namespace troupe
