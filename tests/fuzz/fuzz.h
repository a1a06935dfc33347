/* fuzz.h - one input of the fuzzers: the bytes of a file, handed to its reader.

   An input may hold a second file behind a line "%%": it stands beside the first one under the name "beside", for
   tables, `extends`, meshes and models of cases. */
#ifndef RHO_TESTS_FUZZ_H
#define RHO_TESTS_FUZZ_H
#include <stddef.h>
#include <stdint.h>

/* Reads the bytes as far as they make sense.  Whatever they are, this returns 0; what it must not do ends the process.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbyte);

/* Writes the input into a folder of this process that is removed when it ends; the path of the first file. */
const char *FuzzFiles(const uint8_t *bytes, size_t nbyte);

/* A stream that swallows everything. */
#include <stdio.h>
FILE *FuzzSink(void);

#endif
