# pages.cmake - man pages and completions, written by a program that is made of the same tables as
# the program itself. Where a foreign machine's programs cannot be run there are none.
file(GLOB PAGES_SOURCES CONFIGURE_DEPENDS tools/pages/*.c)
add_executable(alexnet_pages ${PAGES_SOURCES})
target_link_libraries(alexnet_pages PRIVATE alexnet_commands)
file(STRINGS CHANGELOG.md release_line REGEX "^## ${PROJECT_VERSION}," LIMIT_COUNT 1)
string(REGEX MATCH "[0-9]+-[0-9]+-[0-9]+$" RELEASE_DATE "${release_line}")
target_compile_definitions(alexnet_pages PRIVATE RELEASE_DATE="${RELEASE_DATE}")

if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "No man pages and completions: they need CMAKE_CROSSCOMPILING_EMULATOR")
  return()
endif()
set(PAGES ${CMAKE_CURRENT_BINARY_DIR}/pages)
add_custom_command(OUTPUT ${PAGES}/made VERBATIM
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${PAGES}
  COMMAND alexnet_pages ${PAGES}
  COMMAND ${CMAKE_COMMAND} -E touch ${PAGES}/made
  DEPENDS alexnet_pages)
add_custom_target(pages ALL DEPENDS ${PAGES}/made)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)
install(DIRECTORY ${PAGES}/man1 ${PAGES}/man5 TYPE MAN)
install(FILES ${PAGES}/bash/alexnet
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PAGES}/zsh/_alexnet DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${PAGES}/fish/alexnet.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
