# The library alone, each file with the headers that it includes itself: one that is missing fails.
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

set(build "${WORK}/no_precompiled_headers")
run("${CMAKE_COMMAND}" -S "${PROJECT_DIR}" -B "${build}" ${compiler_arguments}
    -DMCP_MQTT_BUILD_TESTS=OFF -DMCP_MQTT_BUILD_EXAMPLES=OFF -DMCP_MQTT_BUILD_BENCH=OFF
    -DMCP_MQTT_BUILD_TOOLS=OFF
    -DMCP_MQTT_PRECOMPILED_HEADERS=OFF)
run("${CMAKE_COMMAND}" --build "${build}" --target mcp_mqtt)
