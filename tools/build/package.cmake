# package.cmake - Debian packages of what is installed: cmake --workflow --preset package
set(ALEXNET_MAINTAINER "alexnet authors <alexnet@packages.invalid>" CACHE STRING
  "who makes Debian packages and answers for them: NAME <ADDRESS>")
set(CPACK_PACKAGE_NAME alexnet)
set(CPACK_PACKAGE_CONTACT "${ALEXNET_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "trains and uses convolutional networks (AlexNet, 2012) on OpenCL")
set(CPACK_PACKAGE_SOURCE ${PROJECT_SOURCE_DIR}) # for package_files.cmake
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_files.cmake)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(about "The convolutional network of Krizhevsky, Sutskever and Hinton (2012) in C on
OpenCL: trained on folders of pictures, evaluated and used; weights of other
programs read and written; OpenCL devices checked and timed with it.")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "${about}")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME alexnet)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "pocl-opencl-icd | opencl-icd")

set(library libalexnet${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "${about}\n\nThis is the library.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(control ${CMAKE_CURRENT_BINARY_DIR}/package)
string(REGEX REPLACE "[^0-9.]" "" soversion ${library})
file(WRITE ${control}/shlibs "libalexnet ${soversion} ${library} (>= ${PROJECT_VERSION})\n")
file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${control}/shlibs ${control}/triggers)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_RECOMMENDS "pocl-opencl-icd | opencl-icd")

set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
  "${about}\n\nThese are the headers and what links programs with the library.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libalexnet-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS # pkg-config asks for the files of all of them
  "${library} (= ${PROJECT_VERSION}-1), ocl-icd-opencl-dev, libclblast-dev, libjpeg-dev, \
libpng-dev, libcairo2-dev, libarchive-dev, liblmdb-dev, libinih-dev, libcjson-dev, libxxhash-dev, \
zlib1g-dev")

set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
