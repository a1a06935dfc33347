/* main.c - the program; everything else is in the library. */
#include "rhoflux/cli.h"

int main(int argc, char **argv) { return RhoCliMain(argc, argv); }
