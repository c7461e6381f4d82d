# Finds the C++ Actor Framework; version 0.17 does not install a CMake package.
#
#   find_package(CAF 0.17.6 REQUIRED COMPONENTS core io openssl)
#
# defines the targets CAF::core <- CAF::io <- CAF::openssl and sets CAF_VERSION.
# CAF_ROOT can be set to the prefix of an installation.

find_path(CAF_INCLUDE_DIR caf/all.hpp HINTS ${CAF_ROOT} PATH_SUFFIXES include)
mark_as_advanced(CAF_INCLUDE_DIR)

# Since 1.0, build_config.hpp defines the version in three parts. Before,
# config.hpp defines it as one number: 1706 is 0.17.6.
set(_caf_config ${CAF_INCLUDE_DIR}/caf/config.hpp)
set(_caf_build_config ${CAF_INCLUDE_DIR}/caf/detail/build_config.hpp)
if(EXISTS ${_caf_build_config})
  file(STRINGS ${_caf_build_config} _caf_lines
    REGEX "^#define CAF_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
  string(REGEX MATCHALL "[0-9]+" CAF_VERSION "${_caf_lines}")
  string(JOIN "." CAF_VERSION ${CAF_VERSION})
endif()
if(NOT CAF_VERSION AND EXISTS ${_caf_config})
  file(STRINGS ${_caf_config} _caf_lines REGEX "^#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" _caf_number "${_caf_lines}")
  math(EXPR _caf_major "${_caf_number} / 10000")
  math(EXPR _caf_minor "${_caf_number} / 100 % 100")
  math(EXPR _caf_patch "${_caf_number} % 100")
  set(CAF_VERSION ${_caf_major}.${_caf_minor}.${_caf_patch})
endif()

set(_caf_header_core caf/all.hpp)
set(_caf_header_io caf/io/all.hpp)
set(_caf_header_openssl caf/openssl/all.hpp)
foreach(_caf_component IN LISTS CAF_FIND_COMPONENTS)
  find_library(CAF_${_caf_component}_LIBRARY caf_${_caf_component}
    HINTS ${CAF_ROOT} PATH_SUFFIXES lib)
  mark_as_advanced(CAF_${_caf_component}_LIBRARY)
  if(CAF_${_caf_component}_LIBRARY
     AND EXISTS ${CAF_INCLUDE_DIR}/${_caf_header_${_caf_component}})
    set(CAF_${_caf_component}_FOUND TRUE)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION
  HANDLE_COMPONENTS)

# _caf_target(<component> <dependency>...)
function(_caf_target component)
  if(CAF_${component}_FOUND AND NOT TARGET CAF::${component})
    add_library(CAF::${component} UNKNOWN IMPORTED)
    set_target_properties(CAF::${component} PROPERTIES
      IMPORTED_LOCATION ${CAF_${component}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
      INTERFACE_LINK_LIBRARIES "${ARGN}")
  endif()
endfunction()

if(CAF_FOUND)
  include(CMakeFindDependencyMacro)
  find_dependency(Threads)
  _caf_target(core Threads::Threads)
  _caf_target(io CAF::core)
  if(CAF_openssl_FOUND)
    find_dependency(OpenSSL)
  endif()
  _caf_target(openssl CAF::io OpenSSL::SSL OpenSSL::Crypto)
endif()
