#include "CFuzzer.h"

int LLVMFuzzerRunDriver(int *argc, char ***argv, fuzz_one_input one);

int fuzz_run(int argc, char **argv, fuzz_one_input one) { return LLVMFuzzerRunDriver(&argc, &argv, one); }
