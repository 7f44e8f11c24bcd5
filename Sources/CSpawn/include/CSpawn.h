// What glibc tells only those who ask for GNU's additions, and Swift does not.
#ifndef CSPAWN_H
#define CSPAWN_H
#include <spawn.h>

// The child has none of this process's descriptors from `first` on. 0, or an error's number.
int cspawn_close_from(posix_spawn_file_actions_t *actions, int first);
#endif
