/* export.h - how the headers of the library declare. */
#ifndef ALEXNET_EXPORT_H
#define ALEXNET_EXPORT_H

/** Around all declarations of a header: C names, also in C++, that the shared library exports. */
#ifdef __cplusplus
#define ALX_BEGIN_DECLS                                                                            \
    extern "C" {                                                                                   \
    _Pragma("GCC visibility push(default)")
#define ALX_END_DECLS                                                                              \
    _Pragma("GCC visibility pop")                                                                  \
    }
#else
#define ALX_BEGIN_DECLS _Pragma("GCC visibility push(default)")
#define ALX_END_DECLS _Pragma("GCC visibility pop")
#endif

#define ALX_MUST_USE __attribute__((warn_unused_result))
#define ALX_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define ALX_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
