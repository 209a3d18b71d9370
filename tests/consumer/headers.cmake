include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

# Each installed header compiles by itself, whatever stands before it in a program.
file(GLOB_RECURSE headers RELATIVE "${PREFIX}/include" "${PREFIX}/include/mcp_mqtt/*.hpp")
list(LENGTH headers count)
if(count LESS 2)
  message(FATAL_ERROR "no headers in ${PREFIX}/include")
endif()
list(JOIN headers "\n" list)
file(WRITE "${WORK}/headers.txt" "${list}\n")
execute_process(
  COMMAND xargs -P 2 -I HEADER "${COMPILER}" -std=c++20 -Wall -Wextra -Werror -fsyntax-only
          -I "${PREFIX}/include" -include HEADER -x c++ /dev/null
  INPUT_FILE "${WORK}/headers.txt" COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "${count} headers compile by themselves")
