/* messages.h - what the library logs, kept instead of printed. */
#ifndef TEST_MESSAGES_H
#define TEST_MESSAGES_H

/** Keeps messages from now on; forgets earlier ones. */
void test_messages_begin(void);
/** Prints them again; those that were kept stay. */
void test_messages_end(void);
/** Those that were kept, a line each. */
const char *test_messages(void);
void test_assert_said(const char *text);

#endif
