#pragma once

// Everything a program needs: servers, clients, and what they offer and ask.

#include <mcp_mqtt/client.hpp>
#include <mcp_mqtt/client_event.hpp>
#include <mcp_mqtt/context.hpp>
#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/log.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/server.hpp>
#include <mcp_mqtt/server_pool.hpp>
#include <mcp_mqtt/session.hpp>
#include <mcp_mqtt/session_state.hpp>
#include <mcp_mqtt/uri_template.hpp>
#include <mcp_mqtt/version.hpp>
