# Install rules: headers, library, CMake package and pkg-config file. The two package files name the
# private dependencies only for a static library: with a shared one they are already linked in.
include(CMakePackageConfigHelpers)

get_target_property(MCP_MQTT_LIBRARY_TYPE mcp_mqtt TYPE)
if(MCP_MQTT_LIBRARY_TYPE STREQUAL "STATIC_LIBRARY")
  set(MCP_MQTT_IS_STATIC TRUE)
else()
  set(MCP_MQTT_IS_STATIC FALSE)
endif()
set(MCP_MQTT_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/mcp_mqtt")

install(TARGETS mcp_mqtt EXPORT mcp_mqtt_targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/mcp_mqtt" "${PROJECT_BINARY_DIR}/include/mcp_mqtt"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
set(MCP_MQTT_DOC_DIR "${CMAKE_INSTALL_DATAROOTDIR}/doc/mcp_mqtt")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${MCP_MQTT_DOC_DIR}")
install(FILES "${PROJECT_SOURCE_DIR}/README.md" DESTINATION "${MCP_MQTT_DOC_DIR}" OPTIONAL)

install(EXPORT mcp_mqtt_targets FILE mcp_mqttTargets.cmake NAMESPACE mcp_mqtt::
        DESTINATION "${MCP_MQTT_PACKAGE_DIR}")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/mcp_mqttConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/mcp_mqttConfig.cmake"
                              INSTALL_DESTINATION "${MCP_MQTT_PACKAGE_DIR}")
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mcp_mqttConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/mcp_mqttConfig.cmake"
              "${PROJECT_BINARY_DIR}/mcp_mqttConfigVersion.cmake"
        DESTINATION "${MCP_MQTT_PACKAGE_DIR}")

# The prefix is found from where the .pc file lies, so an installed tree may be moved; absolute
# install directories stay as they are.
set(pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
set(pc_libdir "${CMAKE_INSTALL_LIBDIR}")
foreach(dir IN ITEMS pc_includedir pc_libdir)
  if(NOT IS_ABSOLUTE "${${dir}}")
    set(${dir} "\${prefix}/${${dir}}")
  endif()
endforeach()
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" pc_up "${pc_up}")
  set(pc_prefix "\${pcfiledir}/${pc_up}")
endif()
set(pc_private "")
if(MCP_MQTT_IS_STATIC)
  # Debian's Paho has no .pc files; spdlog's and fmt's, libmosquitto's and OpenSSL's exist.
  string(CONCAT pc_private "Requires.private: spdlog >= 1.10, libmosquitto >= 2.0.11, openssl\n"
                "Libs.private: -lpaho-mqttpp3 -lpaho-mqtt3as -pthread\n")
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/mcp_mqtt.pc.in" "${PROJECT_BINARY_DIR}/mcp_mqtt.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/mcp_mqtt.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
