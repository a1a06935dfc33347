/* kernels_end.h - forgets the macros that expanded kernels.def. */
#undef RHO_KERNEL1
#undef RHO_KERNEL2
#undef RHO_KERNEL3
#undef RHO_KERNEL4
#undef RHO_VECTOR1
#undef RHO_VECTOR2
