# What all our targets share.

# Building often is what developers do: ccache is used when it is there.
# (Precompiled headers are not: measured, they save 1.5 s of the 3 s to 7 s that
# a test takes, cost 10 s to 30 s per target, and ccache hashes all of them.)
find_program(TROUPE_CCACHE ccache)
mark_as_advanced(TROUPE_CCACHE)
if(TROUPE_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TROUPE_CCACHE})
endif()

# lld halves the time to link the tests.
find_program(TROUPE_LLD ld.lld)
mark_as_advanced(TROUPE_LLD)
if(TROUPE_LLD AND TROUPE_TESTS)
  add_link_options(-fuse-ld=lld)
endif()

# troupe_defaults(<target>)
# Applies our compile options. Warnings are errors for developers only: a new
# compiler must not break the build of a user.
function(troupe_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  if(TROUPE_DEV)
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
  endif()
endfunction()

# troupe_add_library(<name> <source>...)
# Adds target troupe_<name>, known as troupe::<name> here and when installed.
# Users see include/ alone; only our own sources see the rest of the tree.
function(troupe_add_library name)
  add_library(troupe_${name} ${ARGN})
  add_library(troupe::${name} ALIAS troupe_${name})
  set_target_properties(troupe_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(troupe_${name}
    PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE
      ${PROJECT_SOURCE_DIR})
  troupe_defaults(troupe_${name})
endfunction()
