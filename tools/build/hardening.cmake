# hardening.cmake - what turns a mistake in memory into an end of the program instead of somebody
# else's code: for everything that is built, as far as the compiler knows it. tests/package/run
# checks the result.
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(branch_protection -mbranch-protection=standard)
else()
  set(branch_protection -fcf-protection)
endif()
foreach(flag -fstack-protector-strong -fstack-clash-protection ${branch_protection})
  string(MAKE_C_IDENTIFIER has${flag} has)
  check_c_compiler_flag(${flag} ${has})
  if(${has})
    target_compile_options(alexnet_flags INTERFACE ${flag})
  endif()
endforeach()
target_link_options(alexnet_flags INTERFACE -Wl,-z,relro -Wl,-z,now)
if(NOT ALEXNET_SANITIZE) # a sanitizer looks into the same calls, and sees more
  target_compile_options(alexnet_flags INTERFACE # without optimisation it only warns
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()
