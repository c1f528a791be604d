# Turns a file of named SQL statements into a C header: IN → OUT.
#
#   -- :name lease_renew
#   update shard_lease …
#
# becomes `static const char sql_lease_renew[] = "…";`. Comment lines (--) and empty lines are left out. Of the file lease.sql
# all names together are the macro SQL_OF_LEASE(ROW), for tables of them.
file(READ ${IN} text)
string(REPLACE ";" "\;" text "${text}")
string(REPLACE "[" "\\x5b" text "${text}")
string(REPLACE "]" "\\x5d" text "${text}")
string(REPLACE "\n" ";" lines "${text}")
set(out "/* Made by the build from ${IN}. */\n")
set(open FALSE)
foreach(line IN LISTS lines)
  if(line MATCHES "^-- :name ([a-z0-9_]+)")
    if(open)
      string(APPEND out "\t\"\";\n")
    endif()
    string(APPEND out "static const char sql_${CMAKE_MATCH_1}[] =\n")
    string(APPEND names " ROW(${CMAKE_MATCH_1})")
    set(open TRUE)
  elseif(open AND NOT line MATCHES "^[ \t]*--" AND NOT line MATCHES "^[ \t]*$")
    string(REPLACE "\\x5b" "[" line "${line}")
    string(REPLACE "\\x5d" "]" line "${line}")
    string(REPLACE "\\" "\\\\" line "${line}")
    string(REPLACE "\"" "\\\"" line "${line}")
    string(APPEND out "\t\"${line}\\n\"\n")
  endif()
endforeach()
if(open)
  string(APPEND out "\t\"\";\n")
endif()
get_filename_component(stem ${IN} NAME_WE)
string(TOUPPER ${stem} stem)
string(APPEND out "#define SQL_OF_${stem}(ROW)${names}\n")
file(WRITE ${OUT} "${out}")
