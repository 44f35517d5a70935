# commit.cmake - writes the commit of SOURCE to OUT as a C macro; leaves OUT alone if it says so
# already. "+": with changes; "unknown": neither a git checkout nor what `git archive` packed.
set(archived "$Format:%H$") # git archive puts the commit there (.gitattributes)
set(commit unknown)
if(EXISTS ${SOURCE}/.git) # a checkout of its own, not a folder in somebody else's
  execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=12 --dirty=+ --exclude=*
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(described)
    set(commit ${described})
  endif()
elseif(archived MATCHES "^[0-9a-f]+$")
  string(SUBSTRING ${archived} 0 12 commit)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define ALEXNET_COMMIT \"${commit}\"\n")
