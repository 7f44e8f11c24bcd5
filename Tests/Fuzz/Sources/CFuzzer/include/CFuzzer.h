// libFuzzer's own loop, for programs that bring their entry point (SwiftPM names it after the module).
#include <stddef.h>
#include <stdint.h>

typedef int (*fuzz_one_input)(const uint8_t *data, size_t size);

int fuzz_run(int argc, char **argv, fuzz_one_input one);
