# What the library is built on. Everything comes from Debian 12's packages; the public headers
# need nlohmann_json alone.
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PahoMqttCpp 1.2 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MOSQUITTO REQUIRED IMPORTED_TARGET libmosquitto>=2.0.11)
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)

if(NOT TARGET mcp_mqtt_asio)
  add_library(mcp_mqtt_asio INTERFACE)
  target_include_directories(mcp_mqtt_asio SYSTEM INTERFACE "${ASIO_INCLUDE_DIR}")
  target_compile_definitions(mcp_mqtt_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
  target_link_libraries(mcp_mqtt_asio INTERFACE Threads::Threads)
endif()
