# Turns the folder of migrations into a C header: IN (folder) → OUT.
#
# `NNNN_name.sql` becomes a row of `static const struct migration migrations[]`, in the order of the numbers, each its
# own (a number may be left out); `grants.sql`, which runs after all of them each time, becomes `migration_grants`.
file(GLOB files ${IN}/[0-9][0-9][0-9][0-9]_*.sql)
list(SORT files)
function(bytes_of file result)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
  set(${result} "${hex}0x00" PARENT_SCOPE)
endfunction()
set(texts "")
set(rows "")
set(last 0)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  string(SUBSTRING ${name} 0 4 digits)
  math(EXPR number "1${digits} - 10000")
  if(NOT number GREATER last)
    message(FATAL_ERROR "two migrations have the number ${number}")
  endif()
  set(last ${number})
  bytes_of(${file} bytes)
  string(APPEND texts "static const char migration_${number}[] = {${bytes}};\n")
  string(APPEND rows "\t{${number}, \"${name}\", migration_${number}},\n")
endforeach()
bytes_of(${IN}/grants.sql bytes)
file(WRITE ${OUT} "/* Made by the build from ${IN}. */\n${texts}static const char migration_grants[] = {${bytes}};\n"
  "static const struct migration migrations[] = {\n${rows}};\n")
