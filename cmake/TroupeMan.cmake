# Makes manual pages.
#
#   troupe_man(<program> <file>)
#
# installs <program>.1, which help2man makes from the output of
# `<program> --help` and from <file>: name, synopsis, description and whatever
# the options do not tell. Without help2man there is no page; a package needs it.

find_program(TROUPE_HELP2MAN help2man)
mark_as_advanced(TROUPE_HELP2MAN)
if(TROUPE_PACKAGE AND NOT TROUPE_HELP2MAN)
  message(FATAL_ERROR "packages contain manual pages, which need help2man")
endif()

function(troupe_man program file)
  if(NOT TROUPE_HELP2MAN OR CMAKE_CROSSCOMPILING)
    return()
  endif()
  set(page ${PROJECT_BINARY_DIR}/man/${program}.1)
  set(finish "")
  set(result ${page})
  if(TROUPE_PACKAGE) # Debian's pages are compressed.
    set(finish COMMAND gzip --best --no-name --force ${page})
    set(result ${page}.gz)
  endif()
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  add_custom_command(
    OUTPUT ${result}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C
      ${TROUPE_HELP2MAN} --no-info --version-string=${PROJECT_VERSION}
      --include=${file} --output=${page} $<TARGET_FILE:${program}>
    # help2man takes the name of an option to end at a dot.
    COMMAND sed -i -E
      [[s/\\fB(\\-\\-[a-z\\-]+)(=?)\\fR(\.[a-z\\-]+)?/\\fB\1\3\\fR\2/g]] ${page}
    ${finish}
    DEPENDS ${program} ${file}
    COMMENT "Making ${program}.1"
    VERBATIM)
  add_custom_target(${program}.man ALL DEPENDS ${result})
  install(FILES ${result} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
    COMPONENT programs)
endfunction()
