/* A file of the library as an answer. */
#ifndef NURTURE_WEB_FILE_H
#define NURTURE_WEB_FILE_H

#include "web/context.h"

/* bytes: `size` of them as base64 with line ends. To be kept as a file of that name (its last part), never shown as a page of ours. */
void web_file_reply(struct web_request *req, const char *name, const char *bytes, size_t size);

#endif
