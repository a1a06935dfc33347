# rho_layer(NAME [ON layers below...] [HEADERS public headers...] [LIBRARIES libraries...] [SOURCES files...])
#
# The target rho_NAME of src/NAME, from SOURCES.
#
# The public headers of all layers lie together in include/rhoflux, so that -I include would let any layer see any other.
# Each layer therefore gets a folder of the build tree that holds links to its own headers alone, and sees the folders
# of the layers it links: an upward include does not compile.  A layer without sources yet still passes on its headers.
function(rho_layer name)
  cmake_parse_arguments(L "" "" "ON;HEADERS;LIBRARIES;SOURCES" ${ARGN})
  set(target rho_${name})
  set(headers ${PROJECT_BINARY_DIR}/layers/${name})

  rho_link_headers(${headers}/rhoflux ${L_HEADERS})
  list(TRANSFORM L_ON PREPEND rho_)
  if(L_SOURCES)
    add_library(${target} STATIC ${L_SOURCES})
    target_include_directories(${target} PUBLIC ${headers} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_compile_definitions(${target} PRIVATE RHO_VERSION="${PROJECT_VERSION}"
                                                 $<$<BOOL:${RHO_HAVE_LIBMVEC}>:RHO_HAVE_LIBMVEC>)
    target_link_libraries(${target} PUBLIC ${L_ON} ${L_LIBRARIES} PRIVATE rho_warnings)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${headers})
    target_link_libraries(${target} INTERFACE ${L_ON} ${L_LIBRARIES})
  endif()
  set_property(TARGET ${target} PROPERTY RHO_HEADERS ${L_HEADERS})
  set_property(GLOBAL APPEND PROPERTY RHO_LAYERS ${name})
endfunction()

# Makes folder hold links to these files of include/rhoflux and nothing else.
function(rho_link_headers folder)
  file(REMOVE_RECURSE ${folder})
  file(MAKE_DIRECTORY ${folder})
  foreach(header IN LISTS ARGN)
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/rhoflux/${header} ${folder}/${header} SYMBOLIC)
  endforeach()
endfunction()

# Sets var to the layers that have sources, lowest first.
function(rho_built_layers var)
  get_property(layers GLOBAL PROPERTY RHO_LAYERS)
  set(built "")
  foreach(layer IN LISTS layers)
    get_target_property(type rho_${layer} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      list(APPEND built ${layer})
    endif()
  endforeach()
  set(${var} ${built} PARENT_SCOPE)
endfunction()
