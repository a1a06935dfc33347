/* levels.h - a function marked VECTOR_LEVELS is compiled for the vector units there are. */
#ifndef RHOFLUX_LEVELS_H
#define RHOFLUX_LEVELS_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR_LEVELS __attribute__((target_clones("avx512f", "avx2", "default")))
#define HAVE_SHUFFLES
#else
#define VECTOR_LEVELS
#endif

#endif
