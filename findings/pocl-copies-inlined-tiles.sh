#!/usr/bin/env bash
# pocl-copies-inlined-tiles.sh - PoCL 3.1 of Debian 12 (libpocl2 3.1-3+deb12u1 with LLVM 15.0.6), loader
# ocl-icd-libopencl1 2.3.1-1
#
# A register tile of a matrix product, 8 rows of 3 vectors of 16 floats, is a helper function that is
# called in loops over rows and blocks of k. It has a fast way for whole tiles and a slow one for those
# at an edge. Inlined, as helpers are, its conditions that do not change in the loops let LLVM keep the
# loops once for each case: the tile's multiply-adds are there three times, and machine code takes
# three times as long to make (0.61 s of CPU time for 0.19 on an Intel Xeon with AVX-512). With
# __attribute__((noinline)) on the helper they are there once.
#
# Seen (multiply-adds in the kernel's machine code, by objdump):
#   inlined   3 times the multiply-adds of noinline
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 .
apt-get -q -q download libpocl2=3.1-3+deb12u1 libpocl2-common=3.1-3+deb12u1 \
  libclang-cpp15=1:15.0.6-4+b1 libllvm15=1:15.0.6-4+b1 ocl-icd-libopencl1=2.3.1-1 libhwloc15=2.9.0-1 \
  binutils-x86-64-linux-gnu=2.40-2 libbinutils=2.40-2 libctf0=2.40-2
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
mkdir vendors
echo "$libraries/libpocl.so.2.10.0" > vendors/pocl.icd
cat > tile.cl <<'CL'
#ifdef NOINLINE
#define HOW static __attribute__((noinline))
#else
#define HOW static inline
#endif
#define ROWS _Pragma("unroll") for (int i = 0; i < 8; ++i)
#define EACH ROWS _Pragma("unroll") for (int j = 0; j < 3; ++j)

HOW void tile(__global float *c, __global const float *a, __global const float *b, const int count,
              const int n, const int rows, const int columns, const int add)
{
    const bool whole = rows >= 8 && columns >= 48;
    float16 sum[8][3];
    float part[8 * 48];

    EACH sum[i][j] = 0.0f;
    for (int k = 0; k < count; ++k, a += 8, b += 48)
        EACH sum[i][j] = fma((float16)a[i], vload16(j, b), sum[i][j]);
    if (add && whole)
        EACH sum[i][j] += vload16(j, c + i * n);
    if (whole) {
        EACH vstore16(sum[i][j], j, c + i * n);
        return;
    }
    EACH vstore16(sum[i][j], 3 * i + j, part);
    for (int i = 0; i < min(rows, 8); ++i)
        for (int j = 0; j < min(columns, 48); ++j)
            c[i * n + j] = (add ? c[i * n + j] : 0.0f) + part[i * 48 + j];
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void product(__global float *c, __global const float *a, __global const float *b, const int m,
             const int n, const int size, const int add)
{
    const int left = get_global_id(0) * 48;

    for (int k = 0; k < size; k += 128)
        for (int row = 0; row < m; row += 8)
            tile(c + row * n + left, a + row * size + k * 8, b + (left + k) * 48,
                 min(128, size - k), n, m - row, n - left, k > 0 || add);
}
CL
cat > build.py <<'PYTHON'
import ctypes
import sys

cl = ctypes.CDLL("libOpenCL.so.1")
cl.clCreateContext.restype = cl.clCreateProgramWithSource.restype = ctypes.c_void_p
platform, device, size = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t()
cl.clGetPlatformIDs(1, ctypes.byref(platform), None)
cl.clGetDeviceIDs(platform, ctypes.c_ulong(0xFFFFFFFF), 1, ctypes.byref(device), None)
context = ctypes.c_void_p(cl.clCreateContext(None, 1, ctypes.byref(device), None, None, None))
source = ctypes.c_char_p(open("tile.cl", "rb").read())
program = ctypes.c_void_p(cl.clCreateProgramWithSource(context, 1, ctypes.byref(source), None, None))
code = cl.clBuildProgram(program, 1, ctypes.byref(device), sys.argv[1].encode(), None, None)
CL_PROGRAM_BINARY_SIZES = 0x1165  # asks for machine code
cl.clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, ctypes.sizeof(size), ctypes.byref(size), None)
sys.exit(code != 0)
PYTHON
multiply_adds() { # NAME OPTIONS
  env -i PATH="$PATH" HOME="$work" POCL_CACHE_DIR="$work/$1" LD_LIBRARY_PATH="$libraries" \
    OCL_ICD_VENDORS="$work/vendors" python3 build.py "-cl-std=CL1.2 $2"
  LD_LIBRARY_PATH=$libraries root/usr/bin/x86_64-linux-gnu-objdump -d \
    "$(find "$work/$1" -name product.so)" | grep -c vfmadd
}
inlined=$(multiply_adds inlined "")
called=$(multiply_adds noinline -DNOINLINE)
echo "inlined   $((inlined / called)) times the multiply-adds of noinline" | tee seen
diff - seen <<'SEEN'
inlined   3 times the multiply-adds of noinline
SEEN
