include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")

# The command-line tool starts where it was installed, so it finds a shared library, too.
run("${PREFIX}/bin/mcp-mqtt" --version)
if(NOT EXISTS "${PREFIX}/share/man/man1/mcp-mqtt.1")
  message(FATAL_ERROR "the man page is not installed")
endif()
