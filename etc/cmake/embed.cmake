# nurture_embed(LIST SCRIPT FOLDER FILE…): each FILE becomes FOLDER/<its name>.h, made by SCRIPT when either changes; adds them to the list LIST.
function(nurture_embed result script folder)
  set(made ${${result}})
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME)
    set(header ${folder}/${name}.h)
    add_custom_command(OUTPUT ${header} COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${header} -DNAME=${name} -P ${script}
      DEPENDS ${file} ${script} VERBATIM)
    list(APPEND made ${header})
  endforeach()
  set(${result} ${made} PARENT_SCOPE)
endfunction()

# nurture_embed_sql(LIST FOLDER FROM): the same for FROM/*.sql, files of named statements (embed_sql.cmake).
function(nurture_embed_sql result folder from)
  file(GLOB queries CONFIGURE_DEPENDS ${from}/*.sql)
  nurture_embed(${result} ${PROJECT_SOURCE_DIR}/etc/cmake/embed_sql.cmake ${folder} ${queries})
  set(${result} ${${result}} PARENT_SCOPE)
endfunction()
