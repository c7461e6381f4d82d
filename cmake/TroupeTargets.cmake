# Settings for all targets.

# Uses ccache if it is installed. (Precompiled headers are not used: they save
# 1.5 s of the 3 s to 7 s per test but cost 10 s to 30 s per target, and ccache
# must hash all of them.)
find_program(TROUPE_CCACHE ccache)
mark_as_advanced(TROUPE_CCACHE)
if(TROUPE_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TROUPE_CCACHE})
endif()

# lld links the tests in half the time.
find_program(TROUPE_LLD ld.lld)
mark_as_advanced(TROUPE_LLD)
if(TROUPE_LLD AND TROUPE_TESTS)
  add_link_options(-fuse-ld=lld)
endif()

# A shared library contains code of the layers, which are static.
if(BUILD_SHARED_LIBS)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# troupe_defaults(<target>)
# Sets the compile options. Warnings are errors for developers only, since a new
# compiler must not break the build of a user.
function(troupe_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  if(CMAKE_POSITION_INDEPENDENT_CODE)
    # As fast as in a program: nobody replaces single functions of the library,
    # and its few thread-local variables fit into the static TLS block.
    target_compile_options(${target} PRIVATE
      -fno-semantic-interposition -ftls-model=initial-exec)
  endif()
  if(TROUPE_DEV)
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
      # What is local to one source is no mistake in another.
      "$<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow;-Wno-subobject-linkage>")
  endif()
endfunction()

# troupe_add_library(<name> [STATIC | SHARED] <source>...)
# Adds the target troupe_<name> with the alias troupe::<name>, which is also its
# name when installed. Users can include headers of include/ only.
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
