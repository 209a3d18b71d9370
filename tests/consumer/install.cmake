include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

file(REMOVE_RECURSE "${PREFIX}")
run("${CMAKE_COMMAND}" --install "${PROJECT_BUILD}" --prefix "${PREFIX}" --config "${BUILD_TYPE}")
