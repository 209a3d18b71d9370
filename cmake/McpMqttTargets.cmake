# The targets of the house: one object library per floor ("room"), put together into mcp_mqtt.

# Compiler settings that every target of the project shares.
function(mcp_mqtt_settings target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wnon-virtual-dtor -Woverloaded-virtual)
  if(MCP_MQTT_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(MCP_MQTT_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MCP_MQTT_SANITIZE}
                                             -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${MCP_MQTT_SANITIZE})
    if(MCP_MQTT_SANITIZE MATCHES "thread")
      # gcc 12 warns of the memory fences in Asio's headers, which ThreadSanitizer does not model.
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
  endif()
  if(MCP_MQTT_FUZZ)
    # Coverage that libFuzzer reads; its main() is linked into the fuzz targets alone.
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# The headers that cost most of a source file's compile time and never change here.
set(MCP_MQTT_COMMON_HEADERS <algorithm> <chrono> <functional> <memory> <optional> <string>
                            <string_view> <utility> <variant> <vector> <nlohmann/json.hpp>)

# mcp_mqtt_share_headers(TARGET HOLDER): TARGET compiles with the precompiled headers of
# HOLDER. HOLDER must be of TARGET's kind: a program's objects differ from a library's.
function(mcp_mqtt_share_headers target holder)
  if(MCP_MQTT_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${holder})
    # libstdc++ 12 switches these off around code of its own where gcc 12 is wrong; gcc forgets that
    # in a precompiled header.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow
                                               -Wno-stringop-overread)
    endif()
  endif()
endfunction()

if(MCP_MQTT_PRECOMPILED_HEADERS)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/precompiled/library.cpp" CONTENT "")
  add_library(mcp_mqtt_library_headers OBJECT "${PROJECT_BINARY_DIR}/precompiled/library.cpp")
  mcp_mqtt_settings(mcp_mqtt_library_headers)
  target_precompile_headers(mcp_mqtt_library_headers PRIVATE ${MCP_MQTT_COMMON_HEADERS})
endif()

# mcp_mqtt_room(NAME SOURCES … [LINK …]): the object library mcp_mqtt_room_NAME.
# LINK names third-party targets that the room needs; they stay private to the library.
function(mcp_mqtt_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  add_library(mcp_mqtt_room_${name} OBJECT ${ROOM_SOURCES})
  mcp_mqtt_settings(mcp_mqtt_room_${name})
  target_include_directories(mcp_mqtt_room_${name} PRIVATE "${PROJECT_SOURCE_DIR}/include"
                                                           "${PROJECT_SOURCE_DIR}/src"
                                                           "${PROJECT_BINARY_DIR}/include")
  target_link_libraries(mcp_mqtt_room_${name} PRIVATE nlohmann_json::nlohmann_json ${ROOM_LINK})
  mcp_mqtt_share_headers(mcp_mqtt_room_${name} mcp_mqtt_library_headers)
endfunction()
