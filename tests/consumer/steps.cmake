# What the steps have in common. LINKAGE is static or shared.
cmake_minimum_required(VERSION 3.22)
include("${SETTINGS}")
set(CONSUMER "${CMAKE_CURRENT_LIST_DIR}")
set(PREFIX "${WORK}/prefix-${LINKAGE}")
set(flags "-O0")
if(SANITIZE)
  string(APPEND flags " -fsanitize=${SANITIZE} -fno-omit-frame-pointer")
endif()
set(compiler_arguments -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
                       "-DCMAKE_CXX_FLAGS=${flags}")

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The program runs, and it is linked to the kind of library that the test is about.
function(check_program program)
  run("${program}")
  execute_process(COMMAND readelf -d "${program}" OUTPUT_VARIABLE dynamic
                  COMMAND_ERROR_IS_FATAL ANY)
  if(dynamic MATCHES "NEEDED[^\n]*libmcp_mqtt\\.so")
    set(found shared)
  else()
    set(found static)
  endif()
  if(NOT found STREQUAL LINKAGE)
    message(FATAL_ERROR "${program} uses the ${found} library, not the ${LINKAGE} one")
  endif()
endfunction()
