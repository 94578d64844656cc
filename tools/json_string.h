// SPDX-License-Identifier: MIT
/* Strings of JSON. */
#ifndef JSON_STRING_H
#define JSON_STRING_H

/* Prints `text` in quotes, as print() does. The result is valid JSON whatever bytes `text` holds.
 */
void json_string(const char *text);

#endif
