#ifndef FIELD_LIBFUZZER_H
#define FIELD_LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

// Of the toolchain's libclang_rt.fuzzer_no_main: a program of its own runs the fuzzer's loop.
int LLVMFuzzerRunDriver(
    int *argc,
    char ***argv,
    int (*callback)(const uint8_t *data, size_t size)
);

#endif
