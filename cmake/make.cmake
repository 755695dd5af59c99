# Calls make in SOURCE for a TARGET, with its results in BUILD; for ../CMakeLists.txt.
#
#   cmake -DSOURCE= -DBUILD= -DCC= -DTARGET= [-DFLAVOURS=3c] [-DPREFIX= [-DLIBDIR=]] -P make.cmake

set(settings "DIST=${BUILD}/dist" "CC=${CC}")
foreach(name FLAVOURS PREFIX)
  if(${name})
    list(APPEND settings "${name}=${${name}}")
  endif()
endforeach()
if(PREFIX AND LIBDIR)
  get_filename_component(directory "${LIBDIR}" ABSOLUTE BASE_DIR "${PREFIX}")
  list(APPEND settings "LIBDIR=${directory}")
endif()

# One at a time: each run of cargo writes the same file. And not as a part of the make that may have called this.
file(LOCK "${BUILD}" DIRECTORY)
unset(ENV{MAKEFLAGS})
unset(ENV{MAKELEVEL})
unset(ENV{MFLAGS})
set(ENV{CARGO_TARGET_DIR} "${BUILD}/target")
find_program(MAKE NAMES make gmake)
execute_process(COMMAND "${MAKE}" --directory "${SOURCE}" ${TARGET} ${settings} RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "make ${TARGET} has failed")
endif()
