/* locale.h - a locale of the process in which numbers have a decimal comma. */
#ifndef TEST_LOCALE_H
#define TEST_LOCALE_H

/** Sets it, built by localedef where there is none; skips the test where that cannot be. Pairs with
 *  test_locale_plain. */
void test_locale_comma(void);
/** The C locale again. */
void test_locale_plain(void);

#endif
