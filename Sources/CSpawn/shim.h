#include <spawn.h>

// GNU extensions that Swift's Glibc module leaves out (glibc 2.34 and 2.26; posix_spawn(3)).
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
#ifndef POSIX_SPAWN_SETSID
#define POSIX_SPAWN_SETSID 0x80
#endif
