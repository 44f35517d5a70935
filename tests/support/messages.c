/* messages.c - what the library logs, kept instead of printed. */
#include "support/messages.h"

#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "support/test.h"

static char messages[4096];

static void keep_message(enum alx_log_level level, const char *text, void *user)
{
    const size_t at = strlen(messages);

    (void)level;
    (void)user;
    snprintf(messages + at, sizeof messages - at, "%s\n", text);
}

void test_messages_begin(void)
{
    messages[0] = '\0';
    alx_log_set_sink(keep_message, NULL);
}

void test_messages_end(void)
{
    alx_log_set_sink(alx_log_to_stderr, NULL);
}

const char *test_messages(void)
{
    return messages;
}

void test_assert_said(const char *text)
{
    if (strstr(messages, text) == NULL)
        fail_msg("'%s' is not in:\n%s", text, messages);
}
