/* SPDX-License-Identifier: MIT */
/*
 * lib/report/html.h: HTML in which a stranger's text is text.
 *
 * Node ids, class names, paths, flags and remarks come from outside. They reach
 * a page by these functions alone, as the content of an element or the value of
 * an attribute in double quotes, and never become markup or script.
 */
#ifndef WX_REPORT_HTML_H
#define WX_REPORT_HTML_H

#include <stdio.h>

#include "base/error.h"

/*
 * A text, escaped: & < > " ' become references, control characters and bytes
 * that are no UTF-8 become U+FFFD. The one function that escapes.
 */
void wx_html_text(FILE *out, const char *text);

/*
 * printf of markup that is ours, whose %s are texts and come out escaped. No
 * flags, width or precision with %s; other conversions are printf's.
 */
void wx_html(FILE *out, const char *fmt, ...) WX_PRINTF(2, 3);

/*
 * "data:TYPE;base64,..." of n bytes. type is ours. WX_ERR_NOMEM.
 */
int wx_html_data(FILE *out, const char *type, const void *data, size_t n,
		 struct wx_error *err);

#endif
