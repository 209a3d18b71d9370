include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

set(build "${WORK}/add_subdirectory-${LINKAGE}")
if(LINKAGE STREQUAL "shared")
  set(shared ON)
else()
  set(shared OFF)
endif()
run("${CMAKE_COMMAND}" -S "${CONSUMER}/add_subdirectory" -B "${build}" ${compiler_arguments}
    "-DMCP_MQTT_SOURCE=${PROJECT_DIR}" "-DBUILD_SHARED_LIBS=${shared}"
    # Half the time; no_precompiled_headers.cmake does without.
    -DMCP_MQTT_PRECOMPILED_HEADERS=ON -DMCP_MQTT_UNITY=ON)
run("${CMAKE_COMMAND}" --build "${build}")
check_program("${build}/consumer")

# What was built here is also installed, for the tests that come after.
file(REMOVE_RECURSE "${PREFIX}")
run("${CMAKE_COMMAND}" --install "${build}" --prefix "${PREFIX}")
