# commit.cmake - writes the commit of SOURCE to OUT as a C macro; leaves OUT alone if it says so
# already. "+": with changes; "unknown": not a git checkout.
execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=12 --dirty=+ --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(commit STREQUAL "")
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define ALEXNET_COMMIT \"${commit}\"\n")
