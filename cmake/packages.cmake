# The libraries, by pkg-config: CMake's own FindHDF5 prefers the serial HDF5.
find_package(PkgConfig REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
pkg_check_modules(PETSC REQUIRED IMPORTED_TARGET PETSc)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5-openmpi)
pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET fftw3)
pkg_check_modules(LAPACK REQUIRED IMPORTED_TARGET lapack)
pkg_check_modules(QHULL REQUIRED IMPORTED_TARGET qhull_r)
find_package(SUNDIALS 6.4 REQUIRED COMPONENTS cvodes arkode nvecpetsc nvecserial)
set(RHO_SUNDIALS_LIBRARIES SUNDIALS::cvodes_shared SUNDIALS::arkode_shared SUNDIALS::nvecpetsc_shared
                           SUNDIALS::nvecserial_shared)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
find_library(HDF5_HL_LIBRARY hdf5_hl HINTS ${HDF5_LIBRARY_DIRS} REQUIRED)
if(BUILD_TESTING)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
endif()

# Dimension scales are in HDF5's high-level library, which its pkg-config file leaves out.
target_link_libraries(PkgConfig::HDF5 INTERFACE ${HDF5_HL_LIBRARY})

# PETSc's file also carries the flags its distribution was built with (-D_FORTIFY_SOURCE): not ours to inherit.
set_property(TARGET PkgConfig::PETSC PROPERTY INTERFACE_COMPILE_OPTIONS "")

# The vector forms of exp, log, sin, ... of the C library, where it has them.
find_library(MVEC_LIBRARY mvec)
set(RHO_MATH_LIBRARIES m)
if(MVEC_LIBRARY AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(RHO_HAVE_LIBMVEC ON)
  set(RHO_MATH_LIBRARIES mvec m)
endif()
