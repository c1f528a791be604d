# IN → OUT: static const char text_NAME[], as it is (dots become _).
file(READ ${IN} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
string(REPLACE "." "_" name ${NAME})
file(WRITE ${OUT} "/* From ${NAME} by the build. */\nstatic const char text_${name}[] =\n\t\"${text}\";\n")
