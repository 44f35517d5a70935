# package_files.cmake - what Debian wants of a package beyond what is installed; CPack runs it
# after that. Licences, changes and man pages are compressed, functions of zsh go to their place in
# Debian, and each file has the time of the release: the same sources give the same package.
file(STRINGS ${CPACK_PACKAGE_SOURCE}/CHANGELOG.md release
  REGEX "^## ${CPACK_PACKAGE_VERSION}," LIMIT_COUNT 1)
string(REGEX MATCH "[0-9]+-[0-9]+-[0-9]+$" release "${release}")
execute_process(COMMAND date -u -R -d ${release} OUTPUT_VARIABLE date
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND date -u +%s -d ${release} OUTPUT_VARIABLE epoch
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(ENV{SOURCE_DATE_EPOCH} ${epoch}) # CPack itself looks for it, in what it adds

function(compress)
  execute_process(COMMAND gzip -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component IN ITEMS PROGRAM LIBRARY DEVELOPMENT)
  string(TOLOWER ${component} folder)
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${folder})
  set(package ${CPACK_DEBIAN_${component}_PACKAGE_NAME})
  set(doc ${root}/usr/share/doc/${package})
  file(REMOVE ${root}/usr/share/doc/alexnet/LICENSE ${root}/usr/share/doc/alexnet/CHANGELOG.md)
  file(MAKE_DIRECTORY ${doc})
  file(COPY_FILE ${CPACK_PACKAGE_SOURCE}/CHANGELOG.md ${doc}/changelog)
  file(COPY_FILE ${CPACK_PACKAGE_SOURCE}/tools/build/copyright ${doc}/copyright)
  file(WRITE ${doc}/changelog.Debian "alexnet (${CPACK_PACKAGE_VERSION}-1) unstable; urgency=medium

  * Packages made by CPack; changelog.gz says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  compress(${doc}/changelog ${doc}/changelog.Debian)
  file(GLOB pages ${root}/usr/share/man/man*/*.[15])
  if(pages)
    compress(${pages})
  endif()
  if(EXISTS ${root}/usr/share/zsh/site-functions)
    file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
  endif()
  execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND find ${root} -exec touch -h -d @${epoch} {} +
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
