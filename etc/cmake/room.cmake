# nurture_room(NAME ROOMS room… LIBS library…): a static library nurture_NAME of core/NAME/*.c. Rooms still without
# sources become interface libraries, so that the picture of the arrows is complete from the start.
#
# SQL: every core/NAME/*.sql is embedded as <NAME>/<file>.sql.h in the build tree (etc/cmake/embed_sql.cmake), and core/NAME/migrations/ as <NAME>/migrations.h.
# Lists of words: core/NAME/lists/*.txt become <NAME>/lists.h (etc/cmake/embed_lists.cmake).
# Scripts for browsers: every core/NAME/*.js becomes <NAME>/<file>.js.h (etc/cmake/embed_text.cmake).
include(${CMAKE_CURRENT_LIST_DIR}/embed.cmake)

function(nurture_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c)
  list(TRANSFORM ROOM_ROOMS PREPEND nurture_)
  if(NOT sources)
    add_library(nurture_${name} INTERFACE)
    target_link_libraries(nurture_${name} INTERFACE ${ROOM_ROOMS} ${ROOM_LIBS})
    return()
  endif()
  set(headers "")
  nurture_embed_sql(headers ${CMAKE_CURRENT_BINARY_DIR}/sql/${name} ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.js)
  nurture_embed(headers ${PROJECT_SOURCE_DIR}/etc/cmake/embed_text.cmake ${CMAKE_CURRENT_BINARY_DIR}/sql/${name} ${scripts})
  file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/migrations/*.sql)
  if(migrations)
    set(header ${CMAKE_CURRENT_BINARY_DIR}/sql/${name}/migrations.h)
    add_custom_command(OUTPUT ${header}
      COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_CURRENT_SOURCE_DIR}/${name}/migrations -DOUT=${header}
        -P ${PROJECT_SOURCE_DIR}/etc/cmake/embed_migrations.cmake
      DEPENDS ${migrations} ${PROJECT_SOURCE_DIR}/etc/cmake/embed_migrations.cmake VERBATIM)
    list(APPEND headers ${header})
  endif()
  file(GLOB lists CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/lists/*.txt)
  if(lists)
    set(header ${CMAKE_CURRENT_BINARY_DIR}/sql/${name}/lists.h)
    add_custom_command(OUTPUT ${header}
      COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_CURRENT_SOURCE_DIR}/${name}/lists -DOUT=${header} -P ${PROJECT_SOURCE_DIR}/etc/cmake/embed_lists.cmake
      DEPENDS ${lists} ${PROJECT_SOURCE_DIR}/etc/cmake/embed_lists.cmake VERBATIM)
    list(APPEND headers ${header})
  endif()
  add_library(nurture_${name} STATIC ${sources} ${headers})
  target_include_directories(nurture_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}
    PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/sql ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(nurture_${name} PUBLIC ${ROOM_ROOMS} ${ROOM_LIBS})
endfunction()
