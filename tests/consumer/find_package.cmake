include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

set(build "${WORK}/find_package-${LINKAGE}")
run("${CMAKE_COMMAND}" -S "${CONSUMER}/find_package" -B "${build}" ${compiler_arguments}
    "-DCMAKE_PREFIX_PATH=${PREFIX}" "-DVERSION=${VERSION}" "-DLINKAGE=${LINKAGE}")
run("${CMAKE_COMMAND}" --build "${build}")
check_program("${build}/consumer")
